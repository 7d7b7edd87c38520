"""What this machine can do at all: answer a bare HTTP request, and commit one row durably."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

import uvicorn
from starlette.types import Receive, Scope, Send

from bench.driver import Sample, Target, request_bytes
from layers.database.sessions import SQLITE_PRAGMAS

HEADERS = [(b"content-type", b"text/plain"), (b"content-length", b"5")]
ROW = "x" * 300


class Hello:
    """A bare uvicorn (uvloop, httptools) in a process of its own that answers 'hello'."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.references"], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        port = int(self.process.stdout.readline())
        request = request_bytes("GET", "/", f"127.0.0.1:{port}")
        self.target = Target("127.0.0.1", port, request, 200, b"hello")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()


class Commits:
    """Single-row commits with the product's own SQLite settings (WAL, synchronous=FULL)."""

    def __init__(self, folder: Path) -> None:
        self._connection = sqlite3.connect(folder / "commits.db", isolation_level=None)
        for pragma in SQLITE_PRAGMAS:
            self._connection.execute(pragma)
        self._connection.execute("CREATE TABLE event (id INTEGER PRIMARY KEY, payload TEXT)")

    def run(self, seconds: float) -> Sample:
        """Commit row after row."""
        execute = self._connection.execute
        latencies: list[float] = []
        started = before = time.perf_counter()
        while before - started < seconds:
            execute("BEGIN IMMEDIATE")
            execute("INSERT INTO event (payload) VALUES (?)", (ROW,))
            execute("COMMIT")
            after = time.perf_counter()
            latencies.append(after - before)
            before = after
        latencies.sort()
        p50, p95, p99 = (
            latencies[int(len(latencies) * share)] * 1000 for share in (0.5, 0.95, 0.99)
        )
        return Sample(len(latencies), 0, before - started, p50, p95, p99)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer every request alike."""
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": b"hello"})


def serve_hello() -> None:
    """Serve 'hello' on a free port, which is printed."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    print(listener.getsockname()[1], flush=True)
    config = uvicorn.Config(
        hello, loop="uvloop", http="httptools", lifespan="off", log_config=None, access_log=False
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    serve_hello()
