"""The pipes to one zygote, without threads: bounded frames in, orders out. It trusts no frame."""

from __future__ import annotations

import asyncio
import os
import struct
from collections import deque

_LENGTH = struct.Struct("<I")
_LENGTHS = struct.Struct("<III")
_LONGEST_FRAME = 1 << 17
_MOST_UNREAD = 4 << 20
_PIECE = 1 << 16


class Gone(Exception):
    """The sandbox has ended, or said something that no healthy one says."""


class Spoilt(Gone):
    """It speaks, but not as our own guest does: the code that runs in it has a hand in that."""


class Channel:
    """Frames from a zygote's output and orders to its input."""

    def __init__(self, reads: int, writes: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._reads, self._writes = reads, writes
        self._buffer = bytearray()
        self._frames: deque[tuple[bytes, bytes]] = deque()
        self._unread = 0
        self._waiter: asyncio.Future[None] | None = None
        self._reason: str | None = None
        self._kind: type[Gone] = Gone
        self._paused = False
        for descriptor in (reads, writes):
            os.set_blocking(descriptor, False)
        self._loop.add_reader(reads, self._readable)

    @property
    def open(self) -> bool:
        """Whether the sandbox still listens, as far as is known."""
        return self._reason is None

    def next_is(self, tag: bytes) -> bool:
        """Say whether a frame has come already, and with that letter."""
        return bool(self._frames) and self._frames[0][0] == tag

    async def frame(self) -> tuple[bytes, bytes]:
        """Return the next frame's letter and payload; raises Gone."""
        while not self._frames:
            if self._reason is not None:
                raise self._kind(self._reason)
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        tag, payload = self._frames.popleft()
        self._unread -= len(payload)
        if self._paused and self._unread < _MOST_UNREAD // 2 and self._reason is None:
            self._paused = False
            self._loop.add_reader(self._reads, self._readable)
        return tag, payload

    def skip(self) -> None:
        """Forget the next frame, which has come already."""
        self._unread -= len(self._frames.popleft()[1])

    async def send(self, header: bytes, body: bytes, files: bytes = b"") -> None:
        """Send one order; raises Gone."""
        lengths = _LENGTHS.pack(len(header), len(body), len(files))
        view = memoryview(b"".join((lengths, header, body, files)))
        while view:
            try:
                view = view[os.write(self._writes, view) :]
            except BlockingIOError:
                await self._writable()
            except OSError as error:
                raise Gone(str(error)) from error

    def fail(self, reason: str) -> None:
        """Give the sandbox up: whoever waits for a frame gets Gone with that reason."""
        if self._reason is None:
            self._reason = reason
            self._loop.remove_reader(self._reads)
            self._loop.remove_writer(self._writes)
        self._wake()

    async def _writable(self) -> None:
        waiter = self._waiter = self._loop.create_future()
        self._loop.add_writer(self._writes, self._wake)
        try:
            await waiter
        finally:
            self._loop.remove_writer(self._writes)
            self._waiter = None
        if self._reason is not None:
            raise Gone(self._reason)

    def _readable(self) -> None:
        try:
            data = os.read(self._reads, _PIECE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.fail("the sandbox ended")
            return
        self._buffer += data
        if not self._parse():
            self._kind = Spoilt
            self.fail("the sandbox sent a frame that is too long")
            return
        if self._unread > _MOST_UNREAD:
            self._paused = True
            self._loop.remove_reader(self._reads)
        if self._frames:
            self._wake()

    def _parse(self) -> bool:
        while len(self._buffer) >= 5:
            (length,) = _LENGTH.unpack_from(self._buffer, 1)
            if length > _LONGEST_FRAME:
                return False
            if len(self._buffer) < 5 + length:
                return True
            self._frames.append((bytes(self._buffer[:1]), bytes(self._buffer[5 : 5 + length])))
            self._unread += length
            del self._buffer[: 5 + length]
        return True

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
