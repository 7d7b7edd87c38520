"""Nests and floods watches, events and polls. Contained: bounded; the sandbox's kernel holds."""

import ctypes
import os
import select

EXPECT = {"ok", "out_of_memory", "cpu_limit", "timeout", "user_error"}


def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    polls = [select.epoll() for _ in range(100)]
    for first, second in zip(polls, polls[1:], strict=False):
        try:
            first.register(second.fileno(), select.EPOLLIN | select.EPOLLET)
            second.register(first.fileno(), select.EPOLLIN)
        except OSError:
            pass
    watch = libc.inotify_init1(os.O_NONBLOCK)
    for number in range(2000):
        os.makedirs(f"/tmp/w/{number % 50}", exist_ok=True)
        libc.inotify_add_watch(watch, f"/tmp/w/{number % 50}".encode(), 0xFFF)
    for number in range(5000):
        with open(f"/tmp/w/{number % 50}/f", "w") as file:
            file.write("x")
    events = libc.eventfd(0, 0)
    for poll in polls:
        try:
            poll.register(events, select.EPOLLIN)
        except OSError:
            pass
    os.write(events, (1).to_bytes(8, "little"))
    return [{"escaped": False}]
