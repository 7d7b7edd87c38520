"""What an attack would find on the host if it got out."""

from __future__ import annotations

import os
import platform
import socket
import threading

from tests.sandbox_runner.runner_process import TOKEN, RunnerProcess


class Bait:
    """A file, listeners of each kind, and the facts by which a script looks for them."""

    def __init__(self, runner: RunnerProcess) -> None:
        self.touched: list[str] = []
        self.canary = runner.data.parent / "canary"
        self.canary.write_text("a secret of the host")
        self.tcp = socket.create_server(("", 0))
        port = self.tcp.getsockname()[1]
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("", port))
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
                listening.accept()[0].close()
            except OSError:
                return
            self.touched.append(str(listening))

    def _hear(self) -> None:
        while True:
            try:
                data = self.udp.recv(64)
            except OSError:
                return
            if not data:
                return
            self.touched.append(repr(data))

    def close(self) -> None:
        """Take the bait away."""
        for listening in (self.tcp, self.unix, self.abstract):
            listening.shutdown(socket.SHUT_RDWR)
            listening.close()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", self.udp.getsockname()[1]))
        self.udp.close()
