"""Opens raw and packet sockets. Contained: refused, or without any interface to use."""

import socket


def run(items):
    opened = []
    for family, kind in ((socket.AF_PACKET, socket.SOCK_RAW), (socket.AF_INET, socket.SOCK_RAW)):
        try:
            socket.socket(family, kind, 1)
            opened.append(family.name)
        except OSError:
            pass
    outside = [name for _, name in socket.if_nameindex() if name != "lo"]
    return [{"escaped": bool(opened) or bool(outside), "interfaces": outside}]
