"""Bodies that are too large to be held in memory: in a file, or a stretch of one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from typing import IO

from layers.errors import Unavailable
from layers.work import DISK

PIECE = 512 * 1024


class Spooled:
    """Bytes in a file that has no name: the system takes it back when nobody has it open.

    A ``part`` shares the file. Reading blocks, and may be done by several threads at once.
    """

    def __init__(self, file: IO[bytes], start: int, length: int) -> None:
        self._file = file
        self._start = start
        self._length = length

    def __len__(self) -> int:
        return self._length

    def part(self, start: int, length: int) -> Spooled:
        """Some of the bytes."""
        return Spooled(self._file, self._start + start, length)

    def pieces(self) -> Iterator[bytes]:
        """The bytes, in pieces of at most ``PIECE``; raises Unavailable."""
        at, end = self._start, self._start + self._length
        while at < end:
            with _as_ours():
                piece = os.pread(self._file.fileno(), min(PIECE, end - at), at)
            if not piece:
                raise Unavailable("What was received is not there any more; send it again.")
            at += len(piece)
            yield piece

    def whole(self) -> bytes:
        """All of them at once; raises Unavailable."""
        return b"".join(self.pieces())

    def close(self) -> None:
        """Give the file back, and with it every part."""
        self._file.close()


Content = bytes | Spooled


def pieces_of(content: Content) -> Iterator[bytes]:
    """What was received, in pieces."""
    return content.pieces() if isinstance(content, Spooled) else iter((content,))


def spool(pieces: Iterable[bytes]) -> Spooled:
    """Put pieces into a file of their own, blocking; raises Unavailable where there is no room."""
    with _as_ours():
        file = tempfile.TemporaryFile()  # noqa: SIM115 - it is closed with what was received
    try:
        size = sum(_written(file, piece) for piece in pieces)
        with _as_ours():
            file.flush()
    except BaseException:
        file.close()
        raise
    return Spooled(file, 0, size)


async def spool_stream(head: bytes, pieces: AsyncIterator[bytes]) -> Spooled:
    """The same for what is still coming in."""
    made = await DISK.run(spool, (head,))
    file, size = made._file, len(made)
    gathered = bytearray()
    try:
        async for piece in pieces:
            gathered += piece
            if len(gathered) >= PIECE:
                size += await DISK.run(_written, file, bytes(gathered))
                gathered.clear()
        size += await DISK.run(_written, file, bytes(gathered))
        await DISK.run(_flushed, file)
    except BaseException:
        made.close()
        raise
    return Spooled(file, 0, size)


def _written(file: IO[bytes], piece: bytes) -> int:
    with _as_ours():
        return file.write(piece)


def _flushed(file: IO[bytes]) -> None:
    with _as_ours():
        file.flush()


@contextmanager
def _as_ours() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable(
            f"This machine cannot keep what it receives ({error.strerror}); send it again later."
        ) from error
