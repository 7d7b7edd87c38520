"""Undoing Content-Encoding a bounded piece at a time, so that no bomb unfolds."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterator
from typing import Protocol

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ACCEPTED = "gzip, deflate, br, zstd"
"""For Accept-Encoding: what ``decoder`` undoes."""
_PIECE = 1024 * 1024
_MOST_CODINGS = 4
# A window larger than 8 MB need not be supported (RFC 8878 section 3.1.1.1.2).
_ZSTD_WINDOW = {int(zstd.DecompressionParameter.window_log_max): 23}


class UnknownCoding(ValueError):
    """The Content-Encoding is not one that Treadle undoes."""


class BrokenCoding(ValueError):
    """The bytes are not in the coding that was announced."""


class Decoder(Protocol):
    """Turns what came over the wire into the body."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what these bytes give, in pieces of at most 1 MB; raises BrokenCoding."""
        ...

    @property
    def complete(self) -> bool:
        """False if the encoded form has not come to its end."""
        ...


class Unchanged:
    """For bodies that are not encoded."""

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
        """Yield what these bytes give, in pieces of at most 1 MB; raises BrokenCoding."""
        try:
            yield from self._inflate(data)
        except zlib.error as error:
            raise BrokenCoding(str(error)) from error

    def _inflate(self, data: bytes) -> Iterator[bytes]:
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
        return self._ended_once and not (self._gzip and data[:1] == b"\x1f")

    def _window(self, data: bytes) -> int:
        if self._gzip:
            return 31
        has_header = data[0] & 0x0F == 8 and (len(data) < 2 or (data[0] << 8 | data[1]) % 31 == 0)
        return 15 if has_header else -15


class Brotli:
    """For ``br`` (RFC 7932)."""

    def __init__(self) -> None:
        self._stream = brotli.Decompressor()
        self._begun = False

    @property
    def complete(self) -> bool:
        """False after a part of a stream; an empty body counts as complete."""
        return not self._begun or bool(self._stream.is_finished())

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what these bytes give, in pieces of about 1 MB; raises BrokenCoding."""
        if not data or (self._begun and self._stream.is_finished()):
            return
        self._begun = True
        try:
            piece = self._stream.process(data, output_buffer_limit=_PIECE)
            while piece or not self._stream.can_accept_more_data():
                if piece:
                    yield piece
                if self._stream.is_finished():
                    return
                piece = self._stream.process(b"", output_buffer_limit=_PIECE)
        except brotli.error as error:
            raise BrokenCoding(str(error)) from error


class Zstandard:
    """For ``zstd`` (RFC 8878), also of several frames."""

    def __init__(self) -> None:
        self._stream: zstd.ZstdDecompressor | None = None

    @property
    def complete(self) -> bool:
        """False after a part of a frame; an empty body counts as complete."""
        return self._stream is None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what these bytes give, in pieces of at most 1 MB; raises BrokenCoding."""
        try:
            yield from self._decompress(data)
        except zstd.ZstdError as error:
            raise BrokenCoding(str(error)) from error

    def _decompress(self, data: bytes) -> Iterator[bytes]:
        while data or self._has_more():
            if self._stream is None:
                self._stream = zstd.ZstdDecompressor(options=_ZSTD_WINDOW)
            stream = self._stream
            piece = stream.decompress(data, max_length=_PIECE)
            data = b""
            if piece:
                yield piece
            if stream.eof:
                data, self._stream = stream.unused_data, None

    def _has_more(self) -> bool:
        return self._stream is not None and not self._stream.needs_input


class Chain:
    """Several codings in a row, the one that was applied last undone first."""

    def __init__(self, decoders: list[Decoder]) -> None:
        self._decoders = decoders

    @property
    def complete(self) -> bool:
        """False if one of them has not come to its end."""
        return all(one.complete for one in self._decoders)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what these bytes give, in pieces of about 1 MB; raises BrokenCoding."""
        yield from self._through(data, 0)

    def _through(self, data: bytes, place: int) -> Iterator[bytes]:
        if place == len(self._decoders):
            yield data
            return
        for piece in self._decoders[place].feed(data):
            yield from self._through(piece, place + 1)


def decoder(content_encoding: str) -> Decoder:
    """Return the decoder for a Content-Encoding header (RFC 9110 section 8.4).

    Raises UnknownCoding for what is not in ACCEPTED, and for more codings than anybody means.
    """
    names = [name for part in content_encoding.lower().split(",") if (name := part.strip())]
    if len(names) > _MOST_CODINGS:
        raise UnknownCoding(f"more than {_MOST_CODINGS} codings in a row are not undone here")
    found = [_decoder(name) for name in reversed(names) if name != "identity"]
    if not found:
        return Unchanged()
    return found[0] if len(found) == 1 else Chain(found)


def _decoder(name: str) -> Decoder:
    if name in ("gzip", "x-gzip", "deflate"):
        return Inflate(name)
    if name == "br":
        return Brotli()
    if name == "zstd":
        return Zstandard()
    raise UnknownCoding(f"the coding {name[:40]!r} is not known here, only {ACCEPTED}")
