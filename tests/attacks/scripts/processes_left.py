"""Leaves processes that hide in every way. Contained: all are dead when the next run begins."""

import os

LEAVE = """
import ctypes
import os
import signal
import time
def hide(libc, way):
    os.setsid()
    libc.prctl(15, b"left", 0, 0, 0)
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    if way == 1:
        libc.prctl(4, 0, 0, 0, 0)  # Not dumpable: its files in /proc are root's.
    if way == 2:
        libc.prctl(15, b"[kworker/0:0]", 0, 0, 0)
    if way == 3:
        libc.unshare(0x10000000 | 0x20000000 | 0x00020000)
        if os.fork():
            os._exit(0)
    if way == 4:
        os.kill(os.getpid(), signal.SIGSTOP)
    if way == 5:
        libc.ptrace(0, 0, 0, 0)
        os.kill(os.getpid(), signal.SIGTRAP)
    time.sleep(600)
def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    for way in range(6):
        if os.fork() == 0:
            if os.fork() == 0:
                hide(libc, way)
            os._exit(0)
    return [{"left": 6}]
"""


def run(items):
    mine = os.getuid()
    found = []
    for name in os.listdir("/proc"):
        try:
            uid = os.stat(f"/proc/{name}").st_uid if name.isdigit() else 0
            if uid and uid < mine:
                with open(f"/proc/{name}/status") as file:
                    told = dict(line.split(":", 1) for line in file if ":" in line)
                found.append([name, *(told[key].strip() for key in ("Name", "State", "PPid"))])
        except OSError:
            continue
    # By their names: who stands by for later runs may be older than this one, and is python3.
    left = [one for one in found if one[1] != "python3"]
    return [{"escaped": bool(left), "found": found}]
