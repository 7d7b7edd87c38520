"""Opens what an earlier run has left open. Contained: it is gone, or nobody else's to open."""

import os

SECRET = b"of an earlier run"

LEAVE = """
import os
def run(items):
    global kept
    kept = [os.memfd_create("left"), os.open("/tmp/left", os.O_RDWR | os.O_CREAT, 0o666)]
    for descriptor in kept:
        os.fchmod(descriptor, 0o666)
        os.write(descriptor, b"of an earlier run")
    return []
"""


def run(items):
    found = []
    for process in os.listdir("/proc"):
        for number in range(40) if process.isdigit() else ():
            path = f"/proc/{process}/fd/{number}"
            try:
                descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
            except OSError:
                continue
            try:
                if os.pread(descriptor, len(SECRET), 0) == SECRET:
                    found.append(path)
            except OSError:
                pass
            os.close(descriptor)
    return [{"escaped": bool(found), "found": found}]
