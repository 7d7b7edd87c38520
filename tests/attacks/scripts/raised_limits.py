"""Raises the limits it was given, also as root of its own. Contained: none is higher than before."""

import ctypes
import os
import resource
import time

EXPECT = {"ok", "too_many_processes", "out_of_memory"}
KINDS = [name for name in dir(resource) if name.startswith("RLIMIT_")]


def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    before = {name: resource.getrlimit(getattr(resource, name))[1] for name in KINDS}
    libc.unshare(0x10000000)
    raised = []
    for name in KINDS:
        for value in (before[name] * 16, resource.RLIM_INFINITY):
            if before[name] == resource.RLIM_INFINITY:
                continue
            try:
                resource.setrlimit(getattr(resource, name), (value, value))
                raised.append(name)
            except (OSError, ValueError):
                pass
    processes = 0
    try:
        for _ in range(60):
            if os.fork() == 0:
                time.sleep(30)
                os._exit(0)
            processes += 1
    except OSError:
        pass
    much = processes > 20
    return [{"escaped": bool(raised) or much, "raised": raised, "processes": processes}]
