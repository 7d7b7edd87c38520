"""Asks a part over HTTP whether it is ready, without ever holding up the supervisor."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from enum import StrEnum
from urllib.parse import urlsplit

PATIENCE_S = 5.0


class Answer(StrEnum):
    """What is known so far."""

    PENDING = "pending"
    READY = "ready"
    NOT_READY = "not_ready"


class Probe:
    """One GET, sent at once; ask ``advance`` whenever its socket is readable or time passed."""

    def __init__(self, url: str, statuses: Sequence[int], now: float) -> None:
        parts = urlsplit(url)
        host, port = parts.hostname or "127.0.0.1", parts.port or 80
        request = f"GET {parts.path or '/'} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        self.socket: socket.socket | None = None
        self._good = tuple(f"HTTP/1.1 {status} ".encode() for status in statuses)
        self._deadline = now + PATIENCE_S
        try:
            # A connection on this machine is made or refused at once, so blocking costs nothing.
            self.socket = socket.create_connection((host, port), timeout=1)
            self.socket.sendall(request.encode())
            self.socket.setblocking(False)
        except OSError:
            self.close()

    def advance(self, now: float) -> Answer:
        """Look at what has come."""
        if self.socket is None:
            return Answer.NOT_READY
        try:
            head = self.socket.recv(4096)
        except BlockingIOError:
            return Answer.PENDING if now < self._deadline else Answer.NOT_READY
        except OSError:
            return Answer.NOT_READY
        return Answer.READY if head.startswith(self._good) else Answer.NOT_READY

    def close(self) -> None:
        """Hang up."""
        if self.socket is not None:
            self.socket.close()
            self.socket = None
