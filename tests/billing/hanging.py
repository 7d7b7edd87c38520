"""A server that takes connections and does not do what it should, as a Stripe in trouble."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Hanging:
    """``asked`` counts the connections that came; with ``drips`` a byte goes out each 0.2 s."""

    url: str
    drips: bool
    asked: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)


@contextmanager
def hanging_server(*, drips: bool = False) -> Iterator[Hanging]:
    """Serve nothing while the block runs."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=256)
    server = Hanging(f"http://127.0.0.1:{listening.getsockname()[1]}", drips)
    threads: list[threading.Thread] = []

    def hold(taken: socket.socket) -> None:
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 4000\r\n\r\n"
        with taken, suppress(OSError):
            for number in range(100_000):
                if server.stopped.wait(0.2):
                    return
                if server.drips:
                    taken.sendall(head[number : number + 1] or b" ")

    def take() -> None:
        while not server.stopped.is_set():
            with suppress(OSError):
                taken, _address = listening.accept()
                server.asked += 1
                threads.append(threading.Thread(target=hold, args=(taken,), daemon=True))
                threads[-1].start()

    taking = threading.Thread(target=take, daemon=True)
    taking.start()
    try:
        yield server
    finally:
        server.stopped.set()
        with suppress(OSError):
            socket.create_connection(listening.getsockname(), timeout=1).close()
        listening.close()
        taking.join()
        for thread in threads:
            thread.join()
