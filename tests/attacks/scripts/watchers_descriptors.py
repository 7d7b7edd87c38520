"""Looks, for as long as its files are counted, for what other processes hold open.

Contained: it finds nothing but its own /tmp, where there are folders to be looked into, and files
that it may open by their names as well.
"""

import os
import time


def is_for_all(opened):
    try:
        other = os.open(os.readlink(f"/proc/self/fd/{opened}"), os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        return os.path.sameopenfile(opened, other)
    finally:
        os.close(other)


def run(items):
    own = os.stat("/tmp").st_dev
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
                if os.fstat(descriptor).st_dev != own and not is_for_all(descriptor):
                    opened.add(path)
                os.close(descriptor)
    return [{"escaped": bool(opened), "opened": sorted(opened)}]
