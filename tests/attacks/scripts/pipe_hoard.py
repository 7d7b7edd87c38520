"""Hoards memory in pipes and sockets instead of its own. Contained: it counts all the same."""

import os
import socket

EXPECT = {"ok", "out_of_memory", "cpu_limit", "timeout", "too_many_processes"}
EACH = ["pipes", "unix sockets", "tcp sockets"]


def fill(way):
    if way == "pipes":
        reading, writing = os.pipe()
        import fcntl

        fcntl.fcntl(writing, 1031, 1 << 20)
        os.set_blocking(writing, False)
        return os.write(writing, bytes(1 << 20)), (reading, writing)
    if way == "unix sockets":
        pair = socket.socketpair()
    else:
        listening = socket.create_server(("127.0.0.1", 0))
        far = socket.create_connection(listening.getsockname())
        pair = (far, listening.accept()[0])
    pair[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8 << 20)
    pair[1].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    pair[0].setblocking(False)
    written = 0
    try:
        while True:
            written += pair[0].send(bytes(1 << 18))
    except BlockingIOError:
        return written, pair


def run(items):
    for _ in range(3):
        os.fork()
    held, hoard = 0, []
    try:
        for _ in range(110):
            size, ends = fill(items[0]["each"])
            hoard.append(ends)
            held += size
    except OSError:
        pass
    return [{"escaped": held > 512 << 20, "mb": held >> 20}]
