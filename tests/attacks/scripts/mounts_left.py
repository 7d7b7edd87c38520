"""Mounts over the system in a namespace of its own. Contained: later runs see the system as it was."""

import os

LEAVE = """
import ctypes
import os
import time
def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    if os.fork() == 0:
        libc.unshare(0x10000000 | 0x00020000)
        libc.mount(b"none", b"/", None, 1 << 20 | 16384, None)
        done = []
        for place in (b"/treadle", b"/usr/lib/python3.11", b"/etc", b"/dev/shm", b"/proc", b"/run"):
            done.append(libc.mount(b"none", place, b"tmpfs", 0, None))
        with open("/etc/left", "w") as file:
            file.write("left")
        time.sleep(600)
    time.sleep(0.1)
    return [{"left": True}]
"""


def run(items):
    wrong = []
    if os.path.exists("/etc/left") or not os.path.exists("/etc/passwd"):
        wrong.append("/etc")
    for place in ("/treadle/sandbox_runner", "/usr/lib/python3.11/json", "/proc/1"):
        if not os.path.isdir(place):
            wrong.append(place)
    with open("/proc/self/mountinfo") as file:
        mounted = [line.split()[4] for line in file]
    wrong += [place for place in mounted if place.startswith(("/usr", "/etc", "/run"))]
    return [{"escaped": bool(wrong), "wrong": wrong}]
