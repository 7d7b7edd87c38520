"""Leaves daemons that hold every pipe. Contained: the run ends at once, the daemons are killed."""

import os
import time


def run(items):
    for _ in range(3):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(1000)
            os._exit(0)
    return [{"escaped": False}]
