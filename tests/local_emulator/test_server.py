"""The gateway's server, with a small app, when another takes its place."""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.local_emulator.running import Running
from tests.waiting import until

APP = """
import asyncio, socket, sys
from pathlib import Path
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route
from local_emulator.parts.server import Server
from local_emulator.parts.streams import Streams

async def slow(request):
    print("asked", flush=True)
    return PlainTextResponse(b"got " + await request.body())

async def stream(request):
    async def events():
        yield "data: one\\n\\n"
        while not await request.is_disconnected():
            await asyncio.sleep(0.01)
        yield "data: last\\n\\n"
    return StreamingResponse(events(), media_type="text/event-stream")

app = Streams(Starlette(routes=[Route("/slow", slow, methods=["POST"]), Route("/stream", stream)]))
listener = socket.socket(fileno=int(sys.argv[1]))
config = uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1)
Server(config, app, lambda: print("begun", flush=True)).run(sockets=[listener])
print("ended", flush=True)
"""


class Caller:
    """One connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)

    def send(self, text: str) -> None:
        self.socket.sendall(text.replace("\n", "\r\n").encode())

    def until(self, end: bytes) -> bytes:
        """What comes up to ``end``; empty: until the other side hangs up."""
        got = b""
        while not end or end not in got:
            data = self.socket.recv(4096)
            if not data:
                break
            got += data
        return got


@pytest.fixture
def door() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.set_inheritable(True)
        yield listener


@pytest.fixture
def server(door: socket.socket, tmp_path: Path) -> Iterator[Running]:
    program = tmp_path / "app.py"
    program.write_text(APP)
    command = [sys.executable, str(program), str(door.fileno())]
    with Running(command, pass_fds=(door.fileno(),)) as running:
        running.says("begun")
        yield running


def test_what_was_asked_before_is_answered_and_the_door_stays_for_the_next(
    server: Running, door: socket.socket
) -> None:
    port = door.getsockname()[1]
    caller, reader = Caller(port), Caller(port)
    caller.send("POST /slow HTTP/1.1\nHost: x\nContent-Length: 4\n\nab")
    server.says("asked")
    reader.send("GET /stream HTTP/1.1\nHost: x\n\n")
    reader.until(b"data: one")
    server.process.send_signal(signal.SIGUSR1)
    # A stream comes to a proper end, so that its reader goes on at the next process at once.
    end = reader.until(b"")
    assert b"data: last" in end
    assert end.endswith(b"0\r\n\r\n")
    late = Caller(port)
    late.send("POST /slow HTTP/1.1\nHost: x\nContent-Length: 0\n\n")
    caller.send("cd")
    answer = caller.until(b"got abcd")
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"connection: close" in answer.lower()
    assert server.finish() == 0
    assert server.count("asked") == 1
    # It waits in line for whoever comes to the door next.
    connection, _ = door.accept()
    with connection:
        assert connection.recv(4096).startswith(b"POST /slow")


def test_sigterm_ends_it_even_while_it_leaves(server: Running, door: socket.socket) -> None:
    caller = Caller(door.getsockname()[1])
    caller.send("POST /slow HTTP/1.1\nHost: x\nContent-Length: 4\n\nab")
    server.says("asked")
    server.process.send_signal(signal.SIGUSR1)
    until(lambda: not _listens(server), "it takes no more connections")
    server.process.send_signal(signal.SIGTERM)
    assert server.finish() == -signal.SIGTERM


def _listens(server: Running) -> bool:
    listening = psutil.Process(server.process.pid).net_connections("tcp")
    return any(one.status == psutil.CONN_LISTEN for one in listening)
