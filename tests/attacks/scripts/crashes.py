"""Dies of every fault there is. Contained: its own error; no dump, and the next run is served."""

import ctypes
import os
import resource
import signal
import sys

EXPECT = {"user_error", "cpu_limit", "out_of_memory", "timeout"}
EACH = ["segv", "abort", "illegal", "fpe", "stack", "trap", "bus", "cpu", "core", "all threads"]


def run(items):
    way = items[0]["each"]
    if way == "segv":
        ctypes.string_at(8)
    if way == "abort":
        os.abort()
    if way == "stack":
        sys.setrecursionlimit(1 << 30)
        value = []
        for _ in range(1_000_000):
            value = [value]
        repr(value)
    if way == "core":
        try:
            resource.setrlimit(resource.RLIMIT_CORE, (1 << 30, 1 << 30))
        except ValueError:
            pass
        os.chdir("/tmp")
        ctypes.memset(1, 0, 1 << 20)
    if way == "all threads":
        libc = ctypes.CDLL(None)
        libc.syscall(60, 0)
    numbers = {"illegal": 4, "fpe": 8, "trap": 5, "bus": 7, "cpu": 24}
    os.kill(os.getpid(), numbers.get(way, signal.SIGKILL))
    return []
