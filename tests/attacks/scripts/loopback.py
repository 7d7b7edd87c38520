"""Connects to services on the host. Contained: no port of the host answers."""

import socket


def run(items):
    reached = []
    for host in (
        "127.0.0.1",
        "localhost",
        "0.0.0.0",
        "::1",
        "::ffff:127.0.0.1",
        items[0]["address"],
    ):
        for port in (items[0]["port"], items[0]["runner_port"], 22):
            try:
                socket.create_connection((host, port), 0.2).close()
                reached.append([host, port])
            except OSError:
                pass
    return [{"escaped": bool(reached), "reached": reached}]
