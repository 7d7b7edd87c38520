"""Ports on this machine."""

from __future__ import annotations

import errno
import socket
import time

from layers.errors import SetupError

BACKLOG = 2048
PATIENCE_S = 3.0
FREE = " (0 takes a free one)"


def listen(host: str, port: int, *, named: str = "--port") -> socket.socket:
    """Open the socket that a part will accept from; port 0 takes a free one.

    Whoever opens it keeps it: while the part is started again, callers wait in line and are not
    turned away. A port that is just being given up is waited for. ``named`` is where the port was
    chosen. Raises SetupError.
    """
    deadline = time.monotonic() + PATIENCE_S
    while True:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(BACKLOG)
            return listener
        except OSError as error:
            listener.close()
            if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise SetupError(
                    f"Port {port} on {host} cannot be used: {error.strerror}. "
                    f"Choose another with {named}{FREE if named == '--port' else ''}."
                ) from error
        time.sleep(0.05)


def reserve(wanted: int = 0) -> socket.socket:
    """Hold a free port of 127.0.0.1, the wanted one if it is free, for a part that opens it by its
    number.

    Nobody is given the port by chance for as long as the socket is open, and while the part is
    away callers are refused: the socket is bound, and never listens (Linux lets a second socket
    bind the port beside it, since both allow that).
    """
    holder = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        holder.bind(("127.0.0.1", wanted))
    except OSError:
        holder.bind(("127.0.0.1", 0))
    return holder
