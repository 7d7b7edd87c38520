"""Counts how often somebody waits for PostgreSQL, by standing in between."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

from sqlalchemy import make_url

SIZE = 65536


class CountingProxy:
    """Forwards connections to a database; ``count`` grows with every question after an answer."""

    def __init__(self, url: str) -> None:
        self._target = make_url(url)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self.count = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """The database's address by this way."""
        port = self._listener.getsockname()[1]
        near = self._target.set(host="127.0.0.1", port=port)
        return near.render_as_string(hide_password=False)

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection((self._target.host, self._target.port or 5432))
                asked = threading.Event()
                for source, sink, asks in ((near, far, True), (far, near, False)):
                    threading.Thread(
                        target=self._pump, args=(source, sink, asked, asks), daemon=True
                    ).start()

    def _pump(
        self, source: socket.socket, sink: socket.socket, asked: threading.Event, asks: bool
    ) -> None:
        with suppress(OSError):
            while data := source.recv(SIZE):
                with self._lock:
                    if asks and not asked.is_set():
                        self.count += 1
                        asked.set()
                    elif not asks:
                        asked.clear()
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
