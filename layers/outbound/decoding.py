"""Undoing Content-Encoding a bounded piece at a time, so that no bomb unfolds."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Protocol

_PIECE = 1024 * 1024


class Decoder(Protocol):
    """Turns what came over the wire into the body."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what these bytes give, in pieces of at most 1 MB; raises zlib.error."""
        ...

    @property
    def complete(self) -> bool:
        """False if the encoded form has not come to its end."""
        ...


class Unchanged:
    """For bodies that are not encoded, or in a way that was not asked for."""

    complete = True

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the bytes as they are."""
        yield data


class Inflate:
    """For ``gzip`` (also of several members) and ``deflate`` (with or without zlib header)."""

    def __init__(self, encoding: str) -> None:
        self._gzip = encoding != "deflate"
        self._stream: zlib._Decompress | None = None
        self._ended_once = False

    @property
    def complete(self) -> bool:
        """False after a part of a stream; an empty body counts as complete."""
        return self._stream is None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what these bytes give, in pieces of at most 1 MB; raises zlib.error."""
        piece = b""
        # A full piece may leave more behind inside zlib although it took in all the data.
        while data or len(piece) == _PIECE:
            if self._stream is None and self._is_padding(data):
                return
            stream = self._stream = self._stream or zlib.decompressobj(self._window(data))
            piece = stream.decompress(data, _PIECE)
            data = stream.unconsumed_tail
            if piece:
                yield piece
            if stream.eof:
                data, piece = stream.unused_data, b""
                self._stream, self._ended_once = None, True

    def _is_padding(self, data: bytes) -> bool:
        """Whatever follows a whole stream and is no further member of it."""
        return self._ended_once and not (self._gzip and data[0] == 0x1F)

    def _window(self, data: bytes) -> int:
        if self._gzip:
            return 31
        has_header = data[0] & 0x0F == 8 and (len(data) < 2 or (data[0] << 8 | data[1]) % 31 == 0)
        return 15 if has_header else -15


def decoder(content_encoding: str) -> Decoder:
    """Return the decoder for a Content-Encoding header."""
    encoding = content_encoding.strip().lower()
    return Inflate(encoding) if encoding in ("gzip", "x-gzip", "deflate") else Unchanged()
