"""Becomes root of a namespace of its own. Contained: that root has nothing that is not its own."""

import contextlib
import ctypes
import os
from pathlib import Path


def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    uid = os.getuid()
    libc.unshare(0x10000000 | 0x40000000 | 0x00020000)
    with contextlib.suppress(OSError):
        Path("/proc/self/uid_map").write_text(f"0 {uid} 1")
    escaped = False
    for attempt in (
        lambda: os.kill(1, 9),
        lambda: Path("/proc/1/mem").read_bytes(),
        lambda: os.setuid(12345),
    ):
        try:
            attempt()
            escaped = True
        except OSError:
            pass
    return [{"escaped": escaped}]
