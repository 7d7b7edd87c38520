"""A server that answers as a test says, byte by byte if need be."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence


class AnsweringServer:
    """Answers each request on each connection with ``pieces``, each sent by itself; none: hangs up.

    ``requests`` counts what it was asked.
    """

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self._pieces = pieces
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self.port: int = self._listener.getsockname()[1]
        self.requests = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection:
            try:
                while connection.recv(65536):
                    with self._lock:
                        self.requests += 1
                    for piece in self._pieces:
                        connection.sendall(piece)
                    if not self._pieces:
                        return
            except OSError:
                return
