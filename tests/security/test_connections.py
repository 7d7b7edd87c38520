"""Finding 9: a connection may not send without end, nor take for ever to say what it wants."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from layers.errors import SetupError
from layers.settings.connections import ConnectionSettings, load_connections
from local_emulator.parts.bounded_protocol import bounded
from local_emulator.parts.server import Server
from local_emulator.parts.streams import Streams
from tests.waiting import PATIENCE_S, until

USUAL = ConnectionSettings(proxies="")
HASTY = replace(USUAL, head_s=0.5, body_grace_s=0.5, unread_s=0.5)
HOST = b"Host: 127.0.0.1\r\n"


class App:
    """Reads each body to its end and says how long it was; streams until it is told to stop."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.asked = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked += 1
        if scope["path"] == "/stream":
            await self._stream(send)
        elif scope["path"] == "/large":
            await self._answer(send, b"x" * 50_000_000)
        else:
            size, more = 0, True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return
                size, more = size + len(message.get("body", b"")), message.get("more_body", False)
            await self._answer(send, str(size).encode())

    async def _stream(self, send: Send) -> None:
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"data: 1\n\n", "more_body": True})
        while not self.go_on.is_set():
            await asyncio.sleep(0.02)
        await send({"type": "http.response.body", "body": b"data: 2\n\n"})

    async def _answer(self, send: Send, body: bytes) -> None:
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


class Running:
    """The gateway's server in a thread, with a small app."""

    def __init__(self, bounds: ConnectionSettings) -> None:
        self.app = App()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        streams = Streams(self.app)
        config = uvicorn.Config(
            streams, http=bounded(bounds), ws="none", lifespan="off", log_config=None
        )
        self.server = Server(config, streams, lambda: None)
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        asyncio.run(self.server.serve(sockets=[self.listener]))

    @property
    def connections(self) -> int:
        return len(self.server.server_state.connections)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Callable[[ConnectionSettings], Any]:
    # In a thread there are no signals; the server is told to end by its own field.
    monkeypatch.setattr("local_emulator.parts.server.signal.signal", lambda *_: None)

    @contextmanager
    def make(bounds: ConnectionSettings) -> Iterator[Running]:
        running = Running(bounds)
        running.thread.start()
        try:
            yield running
        finally:
            running.app.go_on.set()
            running.server.should_exit = True
            running.thread.join(PATIENCE_S)

    return make


def answer(connection: socket.socket) -> bytes:
    """All that comes until the other side hangs up."""
    got = b""
    try:
        while data := connection.recv(65536):
            got += data
    except ConnectionResetError:
        pass
    return got


def send(connection: socket.socket, content: bytes) -> int:
    """Send as much as the other side takes; how much that was."""
    sent = 0
    try:
        while sent < len(content):
            sent += connection.send(content[sent : sent + 65536])
    except OSError:
        pass
    return sent


def get(*lines: bytes) -> bytes:
    return b"GET / HTTP/1.1\r\n" + HOST + b"".join(line + b"\r\n" for line in lines) + b"\r\n"


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(get(b"X: " + b"a" * 200_000), id="one-header"),
        pytest.param(get(*(b"X-%d: a" % n for n in range(20_000))), id="many-headers"),
        pytest.param(get(*(b"X-%d: a" % n for n in range(300))), id="many-small-headers"),
        pytest.param(b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", id="address"),
        pytest.param(get(b"a" * 200_000 + b": 1"), id="name"),
        pytest.param(get(b"Cookie: " + b"a" * 70_000), id="a-bit-too-large"),
    ],
)
def test_a_head_that_is_too_large(serve: Callable[..., Any], head: bytes) -> None:
    with serve(USUAL) as running, running.connect() as connection:
        send(connection, head)
        assert answer(connection).startswith(b"HTTP/1.1 431 ")
        assert running.app.asked == 0


def test_what_fits_is_served(serve: Callable[..., Any]) -> None:
    with serve(USUAL) as running, running.connect() as connection:
        most = get(b"Cookie: " + b"a" * 60_000, *(b"X-%d: a" % n for n in range(150)))
        body = b"b" * 3_000_000
        length = b"Content-Length: %d" % len(body)
        post = b"POST / HTTP/1.1\r\n" + HOST + length + b"\r\n\r\n" + body
        # All in one go, as pipelined requests: no part of one is taken for the head of another.
        sender = threading.Thread(
            target=send, args=(connection, most + post + most + get(b"Connection: close"))
        )
        sender.start()
        got = answer(connection)
        sender.join(PATIENCE_S)
        assert got.count(b"HTTP/1.1 200") == 4
        assert b"3000000" in got


@pytest.mark.parametrize(
    "beginning",
    [
        pytest.param(b"GET / HTTP/1.1\r\nX: ", id="header"),
        pytest.param(b"\r\n" * 10, id="nothing-but-line-ends"),
        pytest.param(
            b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX: ",
            id="trailer",
        ),
        pytest.param(
            b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n1;",
            id="chunk-extension",
        ),
    ],
)
def test_what_never_ends_is_not_taken(serve: Callable[..., Any], beginning: bytes) -> None:
    endless = b"\r\n" if beginning.startswith(b"\r\n") else b"a"
    with serve(USUAL) as running, running.connect() as connection:
        send(connection, beginning)
        sent = send(connection, endless * (64 * 1024 * 1024 // len(endless)))
        # What lies in the sockets' buffers was sent, too, but not taken.
        assert sent < 32 * 1024 * 1024
        until(lambda: running.connections == 0, "the connection is ended")


@pytest.mark.parametrize(
    ("begun", "told"),
    [
        pytest.param(b"GET / HTTP/1.1\r\nHost: a\r\nX", b"HTTP/1.1 408 ", id="half-a-head"),
        pytest.param(b"\r\n", b"HTTP/1.1 408 ", id="a-line-end"),
        pytest.param(b"", b"", id="nothing-at-all"),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1234",
            b"HTTP/1.1 408 ",
            id="half-a-body",
        ),
    ],
)
def test_who_takes_too_long(serve: Callable[..., Any], begun: bytes, told: bytes) -> None:
    with serve(HASTY) as running:
        many = [running.connect() for _ in range(50)]
        for connection in many:
            connection.sendall(begun)
        for connection in many:
            assert answer(connection)[:13] == told
            connection.close()
        until(lambda: running.connections == 0, "all are forgotten")


def test_after_a_request_a_connection_has_no_more_time_for_the_next(
    serve: Callable[..., Any],
) -> None:
    with serve(HASTY) as running, running.connect() as connection:
        connection.sendall(get())
        until(lambda: running.app.asked == 1, "the first is served")
        connection.sendall(b"GET / HT")
        got = answer(connection)
        assert got.startswith(b"HTTP/1.1 200 ")
        assert b"HTTP/1.1 408 " in got


def test_one_byte_now_and_then_is_too_slow(serve: Callable[..., Any]) -> None:
    with serve(HASTY) as running, running.connect() as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n")

        def trickle() -> bool:
            send(connection, b"a")
            return running.connections == 0

        until(trickle, "the connection is ended")


def test_who_reads_an_event_stream_is_left_alone(serve: Callable[..., Any]) -> None:
    with serve(HASTY) as running, running.connect() as stream:
        stream.sendall(b"GET /stream HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        got = stream.recv(65536)
        with running.connect() as slow:
            slow.sendall(b"GET ")
            assert answer(slow).startswith(b"HTTP/1.1 408 "), "time has passed"
        with running.connect() as slow:
            slow.sendall(b"GET ")
            answer(slow)
        running.app.go_on.set()
        assert (got + answer(stream)).endswith(b"data: 2\n\n\r\n0\r\n\r\n")


def test_who_takes_nothing_of_an_answer_is_cut_off(serve: Callable[..., Any]) -> None:
    with serve(HASTY) as running, running.connect() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        until(lambda: running.app.asked == 1, "it is asked for")
        until(lambda: running.connections == 0, "the connection is ended")


def test_connections_of_one_address_are_bounded(serve: Callable[..., Any]) -> None:
    with serve(replace(USUAL, per_address=5)) as running:
        some = [running.connect() for _ in range(5)]
        until(lambda: running.connections == 5, "all are there")
        with running.connect() as one_more:
            assert answer(one_more).startswith(b"HTTP/1.1 429 ")
        some.pop().close()
        until(lambda: running.connections == 4, "one has gone")
        with running.connect() as again:
            again.sendall(get(b"Connection: close"))
            assert answer(again).startswith(b"HTTP/1.1 200 ")
        for connection in some:
            connection.close()


@pytest.mark.parametrize("proxies", ["127.0.0.1", "10.0.0.1, 127.0.0.0/8", "*"])
def test_a_trusted_proxy_brings_as_many_as_it_likes(
    serve: Callable[..., Any], proxies: str
) -> None:
    with serve(replace(USUAL, per_address=1, proxies=proxies)) as running:
        some = [running.connect() for _ in range(5)]
        for connection in some:
            connection.sendall(get(b"Connection: close"))
            assert answer(connection).startswith(b"HTTP/1.1 200 ")
            connection.close()


def test_the_bounds_are_settings() -> None:
    environment = {
        "TREADLE_MAX_CONNECTIONS_PER_ADDRESS": "9",
        "FORWARDED_ALLOW_IPS": "10.0.0.0/8",
    }
    found = load_connections(environment)
    assert found.per_address == 9
    assert found.is_proxy("10.1.2.3")
    assert not found.is_proxy("127.0.0.1")
    assert load_connections({}) == ConnectionSettings()
    for wrong in (
        {"TREADLE_MAX_CONNECTIONS_PER_ADDRESS": "many"},
        {"FORWARDED_ALLOW_IPS": "proxy.example"},
    ):
        with pytest.raises(SetupError, match=next(iter(wrong))):
            load_connections(wrong)
