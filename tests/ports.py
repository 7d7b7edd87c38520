"""Ports for servers that have to be told theirs."""

from __future__ import annotations

import socket

from local_emulator.sockets import reserve

# Held until the test process ends: neither another one nor an outgoing connection gets them.
_HELD: list[socket.socket] = []


def free_port() -> int:
    """A port of 127.0.0.1 that only whoever is told of it uses, over restarts as well.

    The server has to set SO_REUSEADDR, as servers do.
    """
    _HELD.append(reserve())
    return int(_HELD[-1].getsockname()[1])
