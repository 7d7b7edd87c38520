"""Reads the host's files by a ring of requests. Contained: no ring, or one that sees no host."""

import ctypes
import os


def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    found = []
    for flags in (0, 1, 2, 1 << 12):
        parameters = ctypes.create_string_buffer(120)
        ctypes.memmove(ctypes.addressof(parameters) + 8, flags.to_bytes(4, "little"), 4)
        ring = libc.syscall(425, 8, parameters)
        if ring < 0:
            continue
        for operation in range(20):
            libc.syscall(427, ring, operation, 0, 0)
        libc.syscall(426, ring, 8, 0, 1, 0, 0)
        target = os.readlink(f"/proc/self/fd/{ring}")
        if any(os.path.exists(path) for path in items[0]["paths"]):
            found.append(target)
        os.close(ring)
    return [{"escaped": bool(found), "found": found}]
