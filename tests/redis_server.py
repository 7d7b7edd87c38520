"""A Redis server for one test session, on a free port."""

from __future__ import annotations

import shutil
import socket
import subprocess
from pathlib import Path

from local_emulator.kinship import die_with_parent
from tests.ports import free_port
from tests.waiting import PATIENCE_S, until


class RedisServer:
    """Starts ``redis-server``; raises FileNotFoundError where there is none."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("redis-server")
        if program is None:
            raise FileNotFoundError("redis-server (Debian: apt-get install redis-server)")
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        command = [program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self._process = subprocess.Popen(
            [*command, "--dir", str(folder)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=die_with_parent(),
        )
        until(self._answers, "an answer of redis-server")

    def stop(self) -> None:
        """End the server."""
        self._process.terminate()
        self._process.wait(PATIENCE_S)

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), PATIENCE_S).close()
        except OSError:
            return False
        return True
