"""Builds a network as root of its own. Contained: it has no link to any other, and none outside."""

import contextlib
import ctypes
import fcntl
import os
import socket
import struct


def run(items):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.unshare(0x10000000 | 0x40000000)
    reached = []
    plain = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for name in ("lo", "eth0"):
        with contextlib.suppress(OSError):
            fcntl.ioctl(plain, 0x8914, struct.pack("16sh", name.encode(), 0x41).ljust(40, b"\0"))
    for number in (0, 4, 9, 12, 16):
        with contextlib.suppress(OSError):
            netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, number)
            netlink.bind((0, 0))
            for kind in (16, 20, 24):
                body = struct.pack("BBHI", 2, 8, 0, 1) + struct.pack("HHI", 8, 1, 0x0A000001)
                head = struct.pack("IHHII", 16 + len(body), kind, 0x605, 1, 0)
                netlink.send(head + body)
    with contextlib.suppress(OSError):
        tunnel = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(tunnel, 0x400454CA, struct.pack("16sH", b"tun0", 2).ljust(40, b"\0"))
    for family, kind in ((socket.AF_PACKET, socket.SOCK_RAW), (socket.AF_INET, socket.SOCK_RAW)):
        with contextlib.suppress(OSError):
            raw = socket.socket(family, kind, socket.IPPROTO_ICMP)
            if family == socket.AF_INET:
                raw.settimeout(0.1)
                raw.sendto(b"\x08\0\xf7\xff\0\0\0\0", (items[0]["address"], 0))
                sender = raw.recvfrom(100)[1][0]
                if not sender.startswith("127."):
                    reached.append(f"answer of {sender}")
    reached += [name for _, name in socket.if_nameindex() if name not in ("lo", "tun0")]
    for host in ("127.0.0.1", items[0]["address"]):
        with contextlib.suppress(OSError):
            socket.create_connection((host, items[0]["port"]), 0.2).close()
            reached.append(host)
    return [{"escaped": bool(reached), "reached": reached}]
