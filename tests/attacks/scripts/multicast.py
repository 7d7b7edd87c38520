"""Calls everybody on the network at once. Contained: nobody outside ever hears a word of it."""

import contextlib
import socket
import struct

GROUPS = ("255.255.255.255", "224.0.0.1", "224.0.0.251", "239.255.255.250", "127.255.255.255")


def run(items):
    heard = []
    datagram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagram.settimeout(0.05)
    datagram.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    for group in (*GROUPS, items[0]["address"], "127.0.0.1"):
        with contextlib.suppress(OSError):
            own = struct.pack("4s4s", socket.inet_aton(group), socket.inet_aton("0.0.0.0"))
            datagram.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, own)
        for port in (items[0]["port"], 5353, 1900):
            with contextlib.suppress(OSError):
                datagram.sendto(b"treadle-bait", (group, port))
                heard.append([group, repr(datagram.recvfrom(64))])
    six = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    six.settimeout(0.05)
    for group in ("ff02::1", "ff02::fb", "ff05::2", "::1"):
        for scope in range(4):
            with contextlib.suppress(OSError):
                six.sendto(b"treadle-bait", (group, items[0]["port"], 0, scope))
                heard.append([group, repr(six.recvfrom(64))])
    return [{"escaped": bool(heard), "heard": heard}]
