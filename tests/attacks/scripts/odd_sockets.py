"""Opens sockets of every family and kind. Contained: only its own machine's, and they lead nowhere."""

import socket

HARMLESS = {1, 2, 10, 16}


def run(items):
    opened = []
    for family in range(1, 46):
        for kind in (1, 2, 3, 4, 5, 10):
            for protocol in (0, 1, 3, 6, 58, 132, 255):
                try:
                    one = socket.socket(family, kind, protocol)
                except OSError:
                    continue
                if family not in HARMLESS or (family in (2, 10) and kind in (3, 10)):
                    opened.append([family, kind, protocol])
                one.close()
    for cid in (0, 1, 2, 3):
        try:
            far = socket.socket(40, socket.SOCK_STREAM)
            far.settimeout(0.1)
            far.connect((cid, items[0]["port"]))
            opened.append(["vsock", cid])
        except OSError:
            pass
    return [{"escaped": bool(opened), "opened": opened}]
