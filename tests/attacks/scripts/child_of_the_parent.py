"""Bears children to its own parent, with a deadly last signal. Contained: the parent lives on."""

import ctypes
import os
import signal
import time

EXPECT = {"ok", "user_error", "timeout"}
EACH = [signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, signal.SIGSEGV, 0]
CLONE_PARENT = 0x8000


def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    number = items[0]["each"]
    for flags in (CLONE_PARENT | number, CLONE_PARENT):
        child = libc.syscall(56, flags, 0, 0, 0, 0)
        if child == 0:
            libc.syscall(231, 0)
    arguments = (ctypes.c_uint64 * 11)(CLONE_PARENT, 0, 0, 0, number)
    if libc.syscall(435, ctypes.byref(arguments), 88) == 0:
        libc.syscall(231, 0)
    time.sleep(0.05)
    with open(f"/proc/{os.getppid()}/status") as file:
        state = [line.split()[1] for line in file if line.startswith("State")][0]
    return [{"escaped": state in ("T", "Z", "X") or os.getppid() != 1, "state": state}]
