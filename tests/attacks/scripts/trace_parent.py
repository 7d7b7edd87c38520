"""Attaches to the zygote as a debugger would. Contained: every way in is refused."""

import ctypes


def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    attached = [request for request in (16, 0x4206) if libc.ptrace(request, 1, 0, 0) == 0]
    buffer = ctypes.create_string_buffer(8)

    class Vector(ctypes.Structure):
        _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]

    here = Vector(ctypes.addressof(buffer), 8)
    there = Vector(0x400000, 8)
    read = libc.process_vm_readv(1, ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
    return [{"escaped": bool(attached) or read > 0}]
