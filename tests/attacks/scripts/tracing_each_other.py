"""Leaves processes that trace one another and are stopped. Contained: all of them are ended."""

import ctypes
import os
import signal
import time


def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    for _ in range(4):
        child = os.fork()
        if child == 0:
            time.sleep(600)
        if os.fork() == 0:
            libc.ptrace(16, child, 0, 0)
            libc.ptrace(0, 0, 0, 0)
            os.kill(os.getpid(), signal.SIGTRAP)
            time.sleep(600)
        os.kill(child, signal.SIGSTOP)
    return [{"escaped": False}]
