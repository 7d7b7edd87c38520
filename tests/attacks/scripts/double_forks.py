"""Double forks in new sessions without end. Contained: orphans count, and their number is bounded."""

import os
import time

EXPECT = {"too_many_processes", "out_of_memory", "cpu_limit", "timeout"}


def run(items):
    while True:
        child = os.fork()
        if child == 0:
            os.setsid()
            if os.fork() == 0:
                os.setsid()
                time.sleep(60)
            os._exit(0)
        os.waitpid(child, 0)
