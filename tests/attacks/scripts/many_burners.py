"""Burns processor time in many short lives. Contained: their time is added up, outside."""

import os

EXPECT = {"cpu_limit", "timeout"}


def run(items):
    while True:
        children = []
        for _ in range(8):
            child = os.fork()
            if child == 0:
                for _ in range(200_000):
                    pass
                os._exit(0)
            children.append(child)
        for child in children:
            os.waitpid(child, 0)
