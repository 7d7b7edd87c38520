"""Storms of signals: continued, queued, timed, among its own. Contained: a limit, or it is over."""

import ctypes
import os
import signal

EXPECT = {"ok", "cpu_limit", "timeout", "user_error", "out_of_memory", "too_many_processes"}


def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    signal.pthread_sigmask(signal.SIG_BLOCK, range(34, 65))
    queued = 0
    for number in range(34, 65):
        for _ in range(3000):
            if libc.sigqueue(os.getpid(), number, ctypes.c_void_p(1)) != 0:
                break
            queued += 1
    for _ in range(6):
        if os.fork() == 0:
            os.setsid()
            signal.signal(signal.SIGCONT, lambda *_: os.kill(0, signal.SIGCONT))
            signal.setitimer(signal.ITIMER_REAL, 0.0001, 0.0001)
            signal.signal(signal.SIGALRM, lambda *_: os.kill(0, signal.SIGCONT))
            while True:
                signal.pause()
    return [{"escaped": queued > 100_000, "queued": queued}]
