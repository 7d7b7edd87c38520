"""Leaves threads, timers, hooks and handlers."""

import atexit
import contextlib
import ctypes
import faulthandler
import os
import signal
import sys
import threading

import evil


def forever():
    while True:
        evil.worst_of_all()


def hook(name, arguments):
    if name == "open" and b"poison" not in os.environb:
        os.environb[b"poison"] = b"yes"


def on_signal(number, frame):
    os.write(4, evil.FRAMES)


threading.Thread(target=forever, daemon=True).start()
sys.addaudithook(hook)
atexit.register(evil.worst_of_all)
os.register_at_fork(before=evil.worst_of_all, after_in_child=evil.worst_of_all)
for number in range(1, 65):
    with contextlib.suppress(OSError, ValueError):
        signal.signal(number, on_signal)
signal.setitimer(signal.ITIMER_REAL, 0.2, 0.2)
faulthandler.dump_traceback_later(0.5, repeat=True, exit=True)
HANDLER = ctypes.CFUNCTYPE(None, ctypes.c_int)(lambda number: os.write(4, evil.TIDY))
evil.LIBC.signal(signal.SIGURG, HANDLER)
