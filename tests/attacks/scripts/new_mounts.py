"""Uses the newer calls for mounts, also as root of its own. Contained: the system stays as it is."""

import ctypes
import os


def attempts(libc):
    OPEN_TREE, MOVE, FSOPEN, CONFIG, FSMOUNT, PICK, SET = 428, 429, 430, 431, 432, 433, 442
    tree = libc.syscall(OPEN_TREE, -100, b"/", 1 | 0x80000)
    if tree >= 0:
        libc.syscall(MOVE, tree, b"", -100, b"/tmp", 4)
    for kind in (b"proc", b"sysfs", b"tmpfs", b"devtmpfs", b"overlay", b"9p", b"fuse", b"ext4"):
        context = libc.syscall(FSOPEN, kind, 0)
        if context >= 0:
            libc.syscall(CONFIG, context, 6, 0, 0, 0)
            mounted = libc.syscall(FSMOUNT, context, 0, 0)
            libc.syscall(MOVE, mounted, b"", -100, b"/tmp", 4)
        libc.mount(b"none", b"/tmp", kind, 0, b"lowerdir=/,upperdir=/tmp,workdir=/tmp")
    libc.syscall(PICK, -100, b"/", 0)
    writable = (ctypes.c_uint64 * 4)(0, 1, 0, 0)
    libc.syscall(SET, -100, b"/", 0x8000, ctypes.byref(writable), 32)
    libc.mount(b"/", b"/tmp", None, 4096 | 16384, None)
    libc.mount(b"none", b"/tmp", None, 32 | 4096, None)
    libc.syscall(155, b"/tmp", b"/tmp")


def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    attempts(libc)
    libc.unshare(0x10000000 | 0x00020000)
    attempts(libc)
    found = []
    for root in ("", "/tmp"):
        for folder in ("/usr", "/etc", "/treadle", "/usr/lib/python3.11"):
            try:
                os.close(os.open(f"{root}{folder}/left", os.O_CREAT | os.O_WRONLY))
                found.append(root + folder)
            except OSError:
                pass
        found += [path for path in items[0]["paths"] if os.path.exists(root + path)]
    return [{"escaped": bool(found), "found": found}]
