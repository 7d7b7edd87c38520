"""Locks the files that everybody reads. Contained: the next run can lock them, too."""

import fcntl

LEAVE = """
import fcntl
import os
import time
def run(items):
    held = []
    if os.fork() == 0:
        os.setsid()
        for path in ("/usr/bin/python3.11", "/etc/passwd", "/treadle/sandbox_runner/__init__.py"):
            for flag in (fcntl.LOCK_EX | fcntl.LOCK_NB, fcntl.LOCK_SH | fcntl.LOCK_NB):
                try:
                    held.append(open(path))
                    fcntl.flock(held[-1], flag)
                    fcntl.fcntl(held[-1], 1024, fcntl.F_RDLCK)
                except OSError:
                    pass
        time.sleep(600)
    time.sleep(0.1)
    return [{"left": True}]
"""


def run(items):
    refused = []
    for path in ("/usr/bin/python3.11", "/etc/passwd", "/treadle/sandbox_runner/__init__.py"):
        with open(path) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                refused.append(path)
    return [{"escaped": bool(refused), "refused": refused}]
