"""Raises the limits it was given, also as its own root. Contained: none is higher than before."""

import ctypes
import resource
import threading

EXPECT = {"ok", "too_many_processes"}
KINDS = [name for name in dir(resource) if name.startswith("RLIMIT_")]


def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    before = {name: resource.getrlimit(getattr(resource, name))[1] for name in KINDS}
    libc.unshare(0x10000000)
    raised = []
    for name in KINDS:
        for value in (max(1, before[name] * 16), resource.RLIM_INFINITY):
            if before[name] == resource.RLIM_INFINITY:
                continue
            try:
                resource.setrlimit(getattr(resource, name), (value, value))
                raised.append(name)
            except (OSError, ValueError):
                pass
    threads = 0
    threading.stack_size(64 << 10)
    try:
        for _ in range(40):
            threading.Thread(target=threading.Event().wait, daemon=True).start()
            threads += 1
    except RuntimeError:
        pass
    return [{"escaped": bool(raised) or threads > 16, "raised": raised, "threads": threads}]
