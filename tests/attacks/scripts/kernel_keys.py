"""Leaves words in the kernel's keyrings. Contained: no later run of anybody finds them there."""

import ctypes

LEAVE = """
import ctypes
def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    made = [libc.syscall(248, b"user", b"treadle:left", b"left", 4, ring) for ring in range(-5, 0)]
    made.append(libc.syscall(250, 1, b"treadle-left", 0, 0, 0))
    for ring in range(-5, 0):
        libc.syscall(250, 5, ring, 0x3F3F3F3F, 0, 0)
    return [{"made": made}]
"""


def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    found = []
    for ring in range(-5, 0):
        if libc.syscall(250, 10, ring, b"user", b"treadle:left", 0) > 0:
            found.append(ring)
    if libc.syscall(249, b"user", b"treadle:left", 0, 0) > 0:
        found.append("request_key")
    return [{"escaped": bool(found), "found": found}]
