"""Opens all descriptors it can, of all kinds, in all processes. Contained: a number bounds each."""

import ctypes
import os
import select

EXPECT = {"ok", "out_of_memory", "cpu_limit", "timeout", "too_many_processes"}


def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    for _ in range(10):
        if os.fork() == 0:
            break
    opened = 0
    names = [entry.path for entry in os.scandir("/usr/lib/python3.11") if entry.is_file()]
    kinds = (
        lambda n: os.open(names[n % len(names)], os.O_RDONLY),
        lambda n: libc.eventfd(0, 0),
        lambda n: os.memfd_create("x"),
        lambda n: select.epoll().fileno(),
        lambda n: libc.inotify_init1(0),
    )
    held = []
    for number in range(5000):
        try:
            found = kinds[number % 2 and number % len(kinds)](number)
            held.append(os.dup(found))
            opened += 1
        except OSError:
            break
    return [{"escaped": opened > 1024, "opened": opened}]
