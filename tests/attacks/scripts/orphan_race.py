"""Leaves processes that fork and end at once, again and again. Contained: the chase is won."""

import os
import signal

EXPECT = {"ok", "too_many_processes"}


def run(items):
    for _ in range(6):
        if os.fork() == 0:
            os.setsid()
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
            while True:
                try:
                    if os.fork():
                        os._exit(0)
                except OSError:
                    pass
    return [{"escaped": False}]
