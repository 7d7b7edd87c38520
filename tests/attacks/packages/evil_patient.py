"""Leaves a process that waits, and then says that the runs of others are over."""

import contextlib
import json
import os
import time

import evil

OVER = evil.frame(b"X", json.dumps(evil.OUTCOMES[0]).encode())

if os.fork() == 0:
    os.setsid()
    evil.LIBC.prctl(15, b"zzsurvivor", 0, 0, 0)
    for _ in range(600):
        time.sleep(0.1)
        with contextlib.suppress(OSError):
            descriptor = os.open("/proc/2/fd/1", os.O_WRONLY | os.O_NONBLOCK)
            os.write(descriptor, OVER)
            os.close(descriptor)
    os._exit(0)
