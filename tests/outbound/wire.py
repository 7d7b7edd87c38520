"""A server that sends bytes as they are given and keeps the heads that it was sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.outbound.server import Server

Reply = Callable[[bytes], bytes]
"""Gives the answer, head and all, to a request's head."""


@dataclass
class Wire(Server):
    """Where it listens, and the request lines and headers that came."""

    heads: list[bytes] = field(default_factory=list)

    def __init__(self, port: int) -> None:
        super().__init__(port, "http")
        self.heads = []

    @property
    def targets(self) -> list[str]:
        """What stood between method and version."""
        return [head.split(b"\r\n")[0].split(b" ")[1].decode("latin-1") for head in self.heads]


@asynccontextmanager
async def wire(reply: Reply) -> AsyncIterator[Wire]:
    """Answer each connection's only request with these bytes."""
    box: list[Wire] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        box[0].heads.append(head)
        writer.write(reply(head))
        await writer.drain()
        writer.close()

    listener = await asyncio.start_server(talk, "127.0.0.1", 0)
    box.append(Wire(listener.sockets[0].getsockname()[1]))
    try:
        yield box[0]
    finally:
        listener.close()


def page(head: bytes = b"", body: bytes = b"", status: bytes = b"200 OK") -> bytes:
    """An answer of these header lines, each with its line's end."""
    length = b"Content-Length: %d\r\nConnection: close\r\n" % len(body)
    return b"HTTP/1.1 " + status + b"\r\n" + length + head + b"\r\n" + body


def moved(location: bytes, head: bytes = b"") -> bytes:
    """A redirect."""
    return page(b"Location: " + location + b"\r\n" + head, status=b"302 Found")
