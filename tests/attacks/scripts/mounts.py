"""Mounts and remounts. Contained: the system stays read-only, also through a user namespace."""

import ctypes
import os


def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    plain = [
        libc.mount(b"none", b"/tmp", b"tmpfs", 0, None),
        libc.mount(b"none", b"/", None, 32, None),
        libc.mount(b"/proc", b"/tmp", None, 4096, None),
        libc.umount2(b"/proc", 2),
        libc.pivot_root(b"/", b"/tmp") if hasattr(libc, "pivot_root") else -1,
    ]
    libc.unshare(0x10000000 | 0x00020000)
    libc.mount(b"none", b"/", None, 32, None)
    written = False
    for path in ("/usr/x", "/x", "/etc/x", "/treadle/x"):
        try:
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
            written = True
        except OSError:
            pass
    return [{"escaped": 0 in plain or written, "plain": plain}]
