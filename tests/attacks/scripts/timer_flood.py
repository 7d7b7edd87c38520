"""Sets every timer there is to a nanosecond. Contained: their time counts, and they end with it."""

import ctypes
import os
import signal
import struct

EXPECT = {"cpu_limit", "timeout", "user_error", "out_of_memory"}


def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    for _ in range(3):
        os.fork()
    for number in (signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF):
        signal.signal(number, signal.SIG_IGN)
    for _ in range(200):
        timer = libc.timerfd_create(1, 0)
        libc.timerfd_settime(timer, 0, struct.pack("qqqq", 0, 1, 0, 1), None)
    for _ in range(200):
        made = ctypes.c_void_p()
        if libc.timer_create(1, None, ctypes.byref(made)) == 0:
            libc.timer_settime(made, 0, struct.pack("qqqq", 0, 1, 0, 1), None)
    for which in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF):
        signal.setitimer(which, 0.000001, 0.000001)
    while True:
        pass
