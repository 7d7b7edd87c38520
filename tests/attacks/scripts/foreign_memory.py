"""Uses every newer way into other processes. Contained: each is refused for each of them."""

import ctypes
import os

ATTACH, SEIZE, PEEK = 16, 0x4206, 1
PIDFD_OPEN, PIDFD_GETFD, PIDFD_SIGNAL, KCMP, MADVISE, WRITEV = 434, 438, 424, 312, 440, 311


class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]


def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    done = []
    buffer = ctypes.create_string_buffer(64)
    here, there = Vector(ctypes.addressof(buffer), 8), Vector(0x400000, 8)
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        pid = int(name)
        for request in (ATTACH, SEIZE, PEEK, 7, 24, 0x4207, 0x420E):
            if libc.ptrace(request, pid, 0, 0) == 0:
                done.append([pid, f"ptrace {request}"])
        for write in (310, WRITEV):
            vectors = (ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
            if libc.syscall(write, pid, *vectors) > 0:
                done.append([pid, f"memory {write}"])
        for kind in range(5):
            if libc.syscall(KCMP, os.getpid(), pid, kind, 0, 0) >= 0:
                done.append([pid, "kcmp"])
        handle = libc.syscall(PIDFD_OPEN, pid, 0)
        if handle >= 0:
            for number in range(8):
                if libc.syscall(PIDFD_GETFD, handle, number, 0) >= 0:
                    done.append([pid, f"descriptor {number}"])
            if libc.syscall(PIDFD_SIGNAL, handle, 0, 0, 0) == 0:
                done.append([pid, "signal"])
            if libc.syscall(MADVISE, handle, ctypes.byref(there), 1, 4, 0) > 0:
                done.append([pid, "madvise"])
        if libc.syscall(302, pid, 7, 0, ctypes.byref(buffer)) == 0:
            done.append([pid, "limits"])
        if libc.syscall(256, pid, 8, ctypes.byref(buffer), ctypes.byref(buffer)) > 0:
            done.append([pid, "pages"])
    return [{"escaped": bool(done), "done": done}]
