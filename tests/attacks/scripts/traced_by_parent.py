"""Makes its parent its tracer, then stops and ends oddly. Contained: nobody takes it for an end."""

import ctypes
import os
import signal

EXPECT = {"user_error", "timeout"}
EACH = ["stop", "exit while traced", "stop after closing the answer"]


def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace(0, 0, 0, 0)
    if items[0]["each"] == "stop after closing the answer":
        os.closerange(3, 8)
    if items[0]["each"] == "exit while traced":
        os._exit(3)
    os.kill(os.getpid(), signal.SIGUSR1)
    return []
