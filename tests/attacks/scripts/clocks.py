"""Turns the clocks by every call there is. Contained: refused, and the time goes on as it was."""

import ctypes
import struct
import time


def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    before, steady = time.time(), time.monotonic()
    changed = []
    for attempt in range(2):
        if libc.settimeofday(struct.pack("qq", 10**8, 0), None) == 0:
            changed.append("settimeofday")
        if libc.settimeofday(None, struct.pack("ii", 60, 0)) == 0:
            changed.append("timezone")
        adjust = ctypes.create_string_buffer(struct.pack("I4xq", 0x0100, 3600) + bytes(192))
        if libc.adjtimex(adjust) >= 0:
            changed.append("adjtimex")
        for clock in range(12):
            if libc.clock_settime(clock, struct.pack("qq", 10**8, 0)) == 0:
                changed.append(f"clock {clock}")
            if libc.clock_adjtime(clock, adjust) >= 0:
                changed.append(f"clock {clock} adjusted")
        if attempt == 0:
            libc.unshare(0x10000000)
    gone = time.time() - before - (time.monotonic() - steady)
    return [{"escaped": bool(changed) or abs(gone) > 60, "changed": changed, "gone": gone}]
