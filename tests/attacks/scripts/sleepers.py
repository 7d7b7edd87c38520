"""Blocks where no signal wakes it, every process in another way. Contained: the clock ends it."""

import ctypes
import os
import signal
import threading

EXPECT = {"timeout"}


def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    signal.pthread_sigmask(signal.SIG_BLOCK, set(range(1, 65)) - {9, 19})
    word = ctypes.c_int(0)
    if os.fork() == 0:
        libc.syscall(202, ctypes.byref(word), 0, 0, 0, 0, 0)
    if os.fork() == 0:
        os.mkfifo("/tmp/nobody")
        os.open("/tmp/nobody", os.O_RDONLY)
    if os.fork() == 0:
        # The parent of a vfork waits for a child that has been stopped.
        if libc.syscall(56, 0x4000 | 17, 0, 0, 0, 0) == 0:
            os.kill(os.getpid(), signal.SIGSTOP)
    if os.fork() == 0:
        lock = threading.Lock()
        lock.acquire()
        lock.acquire()
    while True:
        libc.syscall(219)
        signal.sigtimedwait([], 1000)
