"""What an attack would find on the host if it got out."""

from __future__ import annotations

import os
import platform
import secrets
import socket
import threading
from contextlib import ExitStack
from typing import Any

from tests.sandbox_runner.runner_process import TOKEN, RunnerProcess
from tests.waiting import until


def _listeners_on_one_port() -> tuple[socket.socket, socket.socket]:
    """Listen on a port for TCP and for UDP; others may have the one or the other of many."""
    while True:
        tcp = socket.create_server(("", 0))
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            udp.bind(("", tcp.getsockname()[1]))
        except OSError:
            tcp.close()
            udp.close()
        else:
            return tcp, udp


class Bait:
    """A file, listeners of each kind, and the facts by which a script looks for them."""

    def __init__(self, runner: RunnerProcess) -> None:
        self.touched: list[str] = []
        self._signs: list[Any] = []
        self.canary = runner.data.parent / "canary"
        self.canary.write_text("a secret of the host")
        self.tcp, self.udp = _listeners_on_one_port()
        port = self.tcp.getsockname()[1]
        self.path = runner.data.parent / "bait.sock"
        self.unix = socket.socket(socket.AF_UNIX)
        self.unix.bind(str(self.path))
        self.abstract = socket.socket(socket.AF_UNIX)
        self.abstract.bind(f"\0treadle-bait-{os.getpid()}")
        for listening in (self.tcp, self.unix, self.abstract):
            listening.listen()
            threading.Thread(target=self._listen, args=(listening,), daemon=True).start()
        threading.Thread(target=self._hear, daemon=True).start()
        self.facts = {
            "paths": [str(self.canary), str(runner.data), __file__],
            # Backwards, so that who searches memory and files does not find the question.
            "secret_backwards": runner.environment["SECRET_OF_THE_HOST"][::-1],
            "token_backwards": TOKEN[::-1],
            "data_backwards": str(runner.data)[::-1],
            "port": port,
            "runner_port": int(runner.url.rsplit(":", 1)[1]),
            "address": socket.gethostbyname(socket.gethostname()),
            "socket": str(self.path),
            "abstract": f"treadle-bait-{os.getpid()}",
            "kernel": platform.release(),
            "host": platform.node(),
        }

    def _listen(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, address = listening.accept()
            except OSError:
                return
            connection.close()
            self._note(address, str(listening))

    def _hear(self) -> None:
        while True:
            try:
                data = self.udp.recv(64)
            except OSError:
                return
            if not data:
                return
            self._note(data, repr(data))

    def _note(self, sign: Any, touch: str) -> None:
        if sign in self._signs:
            self._signs.remove(sign)
        else:
            self.touched.append(touch)

    def take(self) -> list[str]:
        """Return and forget all touches until now, also those that are still on their way here."""
        # What comes behind them, by the same ways, shows that they have arrived.
        with ExitStack() as own:
            for listening in (self.tcp, self.unix, self.abstract):
                behind = own.enter_context(socket.socket(listening.family))
                behind.bind("" if listening.family == socket.AF_UNIX else ("127.0.0.1", 0))
                self._signs.append(behind.getsockname())
                behind.connect(listening.getsockname())
            behind = own.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            self._signs.append(sign := secrets.token_bytes(16))
            behind.sendto(sign, ("127.0.0.1", self.udp.getsockname()[1]))
            until(lambda: not self._signs, "the arrival of all touches")
        found, self.touched[:] = list(self.touched), []
        return found

    def close(self) -> None:
        """Take the bait away."""
        for listening in (self.tcp, self.unix, self.abstract):
            listening.shutdown(socket.SHUT_RDWR)
            listening.close()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", self.udp.getsockname()[1]))
        self.udp.close()
