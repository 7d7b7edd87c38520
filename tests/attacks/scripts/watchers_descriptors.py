"""Looks, for as long as its files are counted, for what other processes hold open.

Contained: it finds nothing but its own /tmp, where there are folders to be looked into.
"""

import os
import time


def run(items):
    own = os.stat("/tmp").st_dev
    nothing = os.stat("/dev/null").st_rdev
    opened = set()
    until = time.monotonic() + 2.5
    while time.monotonic() < until and time.process_time() < 0.8 and not opened:
        for process in os.listdir("/proc"):
            if not process.isdigit() or int(process) == os.getpid():
                continue
            for number in range(40):
                path = f"/proc/{process}/fd/{number}"
                try:
                    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
                except OSError:
                    continue
                found = os.fstat(descriptor)
                os.close(descriptor)
                if found.st_rdev != nothing and found.st_dev != own:
                    opened.add(path)
    return [{"escaped": bool(opened), "opened": sorted(opened)}]
