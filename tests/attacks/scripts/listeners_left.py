"""Leaves servers that listen. Contained: no later run reaches one by name, path or port."""

import socket

LEAVE = """
import os
import socket
import time
def run(items):
    made = []
    for family, name in (
        (socket.AF_UNIX, "\\0treadle-left"), (socket.AF_UNIX, "/tmp/left.sock"),
        (socket.AF_UNIX, "/dev/shm/left.sock"), (socket.AF_INET, ("0.0.0.0", 4567)),
        (socket.AF_INET6, ("::", 4568)),
    ):
        try:
            listening = socket.socket(family)
            listening.bind(name)
            listening.listen()
            made.append(listening)
        except OSError:
            pass
    if os.fork() == 0:
        os.setsid()
        time.sleep(600)
    return [{"made": len(made)}]
"""


def run(items):
    reached = []
    for family, name in (
        (socket.AF_UNIX, "\0treadle-left"),
        (socket.AF_UNIX, "/tmp/left.sock"),
        (socket.AF_UNIX, "/dev/shm/left.sock"),
        (socket.AF_INET, ("127.0.0.1", 4567)),
        (socket.AF_INET6, ("::1", 4568)),
    ):
        try:
            client = socket.socket(family)
            client.settimeout(0.2)
            client.connect(name)
            reached.append(repr(name))
        except OSError:
            pass
    with open("/proc/net/unix") as file:
        reached += [line for line in file if "treadle-left" in line]
    return [{"escaped": bool(reached), "reached": reached}]
