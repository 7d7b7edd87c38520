"""Ties its life to others' and adopts orphans. Contained: no one else's life hangs on it."""

import ctypes
import os
import signal
import time


def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(36, 1, 0, 0, 0)
    libc.prctl(1, signal.SIGKILL, 0, 0, 0)
    for _ in range(4):
        if os.fork() == 0:
            libc.prctl(1, 0, 0, 0, 0)
            if os.fork() == 0:
                time.sleep(60)
            os._exit(0)
    time.sleep(0.05)
    adopted = []
    for name in os.listdir("/proc"):
        try:
            if name.isdigit() and int(name) != os.getpid():
                with open(f"/proc/{name}/stat") as file:
                    parent = int(file.read().rsplit(")", 1)[1].split()[1])
                if parent == os.getpid() and os.stat(f"/proc/{name}").st_uid != os.getuid():
                    adopted.append(name)
        except OSError:
            continue  # It ended meanwhile.
    return [{"escaped": bool(adopted), "adopted": adopted}]
