"""Moves bytes between a sandbox and a host: counted, bounded, and given up when nothing moves."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import TypeVar

from layers.media.masking import MaskedStream
from sandbox_runner.egress import heads

_PIECE = 1 << 16
_SIZE_LINE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(;[^\r\n]*)?\r\n")
T = TypeVar("T")
Count = Callable[[int], None]
"""Called with the number of bytes that are about to be passed on; may raise."""


async def within(seconds: float, work: Awaitable[T]) -> T:
    """Await something; raises TimeoutError when it takes longer."""
    async with asyncio.timeout(seconds):
        return await work


async def pump(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    count: Count,
    idle_s: float,
    mask: MaskedStream | None = None,
) -> None:
    """Pass everything on until the reader's end, then end the writer's direction."""
    while piece := await within(idle_s, reader.read(_PIECE)):
        count(len(piece))
        writer.write(piece if mask is None else mask.hide(piece))
        await within(idle_s, writer.drain())
    if mask is not None:
        writer.write(mask.rest())
    if writer.can_write_eof():
        writer.write_eof()


def body_length(head: heads.Head) -> int | None:
    """Return how long a request's body is, None for one in chunks; raises BadHead if unclear."""
    coding = head.one("transfer-encoding")
    length = head.one("content-length")
    if coding is not None:
        if coding.lower() != "chunked" or length is not None:
            raise heads.BadHead("the length of the body is not clear")
        return None
    if length is None:
        return 0
    if not (length.isascii() and length.isdecimal()) or len(length) > 15:
        raise heads.BadHead("the length of the body is not clear")
    return int(length)


async def pass_body(
    head: heads.Head,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    count: Count,
    idle_s: float,
) -> None:
    """Pass a request's body on, exactly as long as its head says; raises BadHead."""
    length = body_length(head)
    if length is None:
        await _pass_chunks(reader, writer, count, idle_s)
    else:
        await _pass_bytes(length, reader, writer, count, idle_s)


async def _pass_chunks(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, count: Count, idle_s: float
) -> None:
    while True:
        line = await within(idle_s, reader.readuntil(b"\r\n"))
        match = _SIZE_LINE.fullmatch(line)
        if match is None:
            raise heads.BadHead("a chunk of the body cannot be read")
        size = int(match[1], 16)
        writer.write(b"%x\r\n" % size)
        if size == 0:
            break
        await _pass_bytes(size, reader, writer, count, idle_s)
        if await within(idle_s, reader.readexactly(2)) != b"\r\n":
            raise heads.BadHead("a chunk of the body cannot be read")
        writer.write(b"\r\n")
    # Trailers are read over: they would be headers that nobody has looked at.
    while await within(idle_s, reader.readuntil(b"\r\n")) != b"\r\n":
        pass
    writer.write(b"\r\n")


async def _pass_bytes(
    left: int,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    count: Count,
    idle_s: float,
) -> None:
    while left:
        piece = await within(idle_s, reader.read(min(left, _PIECE)))
        if not piece:
            raise heads.BadHead("the body is shorter than its length says")
        count(len(piece))
        writer.write(piece)
        await within(idle_s, writer.drain())
        left -= len(piece)
