"""Sends descriptors to itself without end, in circles. Contained: a limit ends it, all is freed."""

import array
import os
import socket

EXPECT = {"ok", "out_of_memory", "cpu_limit", "timeout", "user_error"}


def run(items):
    rights = socket.SCM_RIGHTS
    sent = 0
    for _ in range(8):
        if os.fork() == 0:
            break
    try:
        for _ in range(400):
            left, right = socket.socketpair()
            left.setblocking(False)
            own = array.array("i", [left.fileno(), right.fileno()] * 60)
            for _ in range(20):
                try:
                    left.sendmsg([b"x"], [(socket.SOL_SOCKET, rights, own)])
                    sent += 1
                except BlockingIOError:
                    break
            left.close()
            right.close()
    except OSError:
        pass
    return [{"escaped": False, "sent": sent}]
