"""Ports on this machine."""

from __future__ import annotations

import errno
import socket
import time

from layers.errors import SetupError

BACKLOG = 2048
PATIENCE_S = 3.0


def listen(host: str, port: int) -> socket.socket:
    """Open the socket that a part will accept from; port 0 takes a free one.

    Whoever opens it keeps it: while the part is started again, callers wait in line and are not
    turned away. A port that is just being given up is waited for.
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
                    "Choose another with --port (0 takes a free one)."
                ) from error
        time.sleep(0.05)


def free_port() -> int:
    """A port that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
