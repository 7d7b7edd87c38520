"""The load driver: one process, raw sockets, keep-alive, a closed loop on each connection.

It shares the machine with what it measures, so it must cost next to nothing: the request's bytes
are made once, and an answer is looked at only as far as its length, its status and a marker.
"""

from __future__ import annotations

import asyncio
import time
from array import array
from dataclasses import dataclass
from typing import cast

import uvloop

PATIENCE_S = 60.0
HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length:"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes, its bytes, and what a right answer has: a status and a marker."""

    host: str
    port: int
    request: bytes
    status: int
    marker: bytes


@dataclass(frozen=True, slots=True)
class Sample:
    """What one window of load gave. ``abandoned`` requests were sent, and maybe received."""

    answered: int
    failures: int
    seconds: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    first_failure: str = ""
    abandoned: int = 0


def request_bytes(method: str, path: str, host: str, body: bytes = b"") -> bytes:
    """Make a whole HTTP/1.1 request; the connection is kept."""
    head = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Accept: application/json"]
    if body:
        head += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*head, "", ""]).encode() + body


def drive(target: Target, connections: int, seconds: float) -> Sample:
    """Load the target for ``seconds``, then wait for the answers still to come.

    The rate counts all answers up to the last one, so nothing that was sent goes unseen.
    """
    return uvloop.run(_drive(target, connections, seconds))


class _Window:
    def __init__(self, target: Target, seconds: float) -> None:
        self.target = target
        self.status = str(target.status).encode()
        self.latencies = array("d")
        self.failures = 0
        self.first_failure = ""
        self.seconds = seconds
        self.deadline = float("inf")
        self.last = 0.0

    def fail(self, what: str) -> None:
        self.failures += 1
        self.first_failure = self.first_failure or what


class _Connection(asyncio.Protocol):
    """One connection: sends, waits for the whole answer, sends again."""

    def __init__(self, window: _Window) -> None:
        self.window = window
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport
        self.unread = b""
        self.sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are not asyncio's by class, only by what they do.
        self.transport = cast("asyncio.Transport", transport)

    def send(self) -> None:
        self.sent = time.perf_counter()
        self.transport.write(self.window.target.request)

    def data_received(self, data: bytes) -> None:
        if self.unread:
            data = self.unread + data
        if not _whole(data):
            self.unread = data
            return
        self.unread = b""
        now = time.perf_counter()
        window = self.window
        if data[9:12] == window.status and window.target.marker in data:
            window.latencies.append(now - self.sent)
        else:
            window.fail(data[:600].decode(errors="replace"))
        window.last = now
        if now < window.deadline:
            self.send()
        elif not self.done.done():
            self.done.set_result(None)

    def connection_lost(self, reason: Exception | None) -> None:
        if not self.done.done():
            self.window.fail(f"the connection was closed ({reason})")
            self.window.last = time.perf_counter()
            self.done.set_result(None)


def _whole(data: bytes) -> bool:
    head_end = data.find(HEAD_END)
    if head_end < 0:
        return False
    head = data[:head_end].lower()
    at = head.find(LENGTH)
    if at < 0:
        raise ValueError(f"an answer without Content-Length cannot be measured: {head!r}")
    length = int(head[at + len(LENGTH) :].split(b"\r\n", 1)[0])
    return len(data) >= head_end + len(HEAD_END) + length


async def _drive(target: Target, connections: int, seconds: float) -> Sample:
    loop = asyncio.get_running_loop()
    window = _Window(target, seconds)
    opened = [
        (await loop.create_connection(lambda: _Connection(window), target.host, target.port))[1]
        for _ in range(connections)
    ]
    started = time.perf_counter()
    window.deadline = started + seconds
    for connection in opened:
        connection.send()
    _, silent = await asyncio.wait([c.done for c in opened], timeout=seconds + PATIENCE_S)
    for _ in silent:
        window.fail(f"no answer within {PATIENCE_S:.0f} s")
    for connection in opened:
        # Whoever is still silent has been counted; hanging up must not count it twice.
        connection.done.cancel()
        connection.transport.abort()
    return _sample(window, max(window.last - started, 1e-9))


def _sample(window: _Window, seconds: float) -> Sample:
    ordered = sorted(window.latencies)
    return Sample(
        answered=len(ordered),
        failures=window.failures,
        seconds=seconds,
        p50_ms=_part(ordered, 0.50),
        p95_ms=_part(ordered, 0.95),
        p99_ms=_part(ordered, 0.99),
        first_failure=window.first_failure,
    )


def _part(ordered: list[float], share: float) -> float:
    """The smallest latency that at least this share of the answers did not exceed, in ms."""
    if not ordered:
        return 0.0
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000
