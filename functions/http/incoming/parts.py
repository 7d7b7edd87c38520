"""The parts of a ``multipart/*`` body (RFC 2046, RFC 7578), bounded in their number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser

from functions.http.incoming.refused import BodyTooLarge, MalformedBody
from functions.http.incoming.spooled import Content, Spooled, pieces_of

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MOST_PARTS = 1_000
MOST_HEADERS = 20
SMALL = 64 * 1024
"""Up to this size, parts are held in memory."""


@dataclass(slots=True)
class Part:
    """One part; header names are lower-case."""

    headers: dict[str, str] = field(default_factory=dict)
    content: Content = b""

    @property
    def disposition(self) -> str:
        """Its Content-Disposition; empty where it has none."""
        return self.headers.get("content-disposition", "")


def read_parts(content: Content, boundary: str) -> list[Part]:
    """The parts in their order; large ones of what is in a file stay there.

    Raises BodyTooLarge beyond ``MOST_PARTS``, MalformedBody for what is no such body.
    """
    if not boundary:
        raise MalformedBody("The Content-Type names no boundary; a multipart body has one.")
    collected = _Collected(content)
    try:
        parser = MultipartParser(boundary, collected.callbacks(), max_header_count=MOST_HEADERS)
        for piece in _without_preamble(pieces_of(content), boundary):
            collected.next_piece(piece)
            parser.write(piece.data)
        parser.finalize()
    except (FormParserError, UnicodeEncodeError) as error:
        raise MalformedBody("The body is not a multipart body with this boundary.") from error
    if not collected.is_whole:
        raise MalformedBody("The multipart body ends before its last boundary; send it whole.")
    return collected.parts


@dataclass(slots=True)
class _Piece:
    """Bytes of the body, and where in it they begin."""

    at: int
    data: bytes


def _without_preamble(pieces: Iterator[bytes], boundary: str) -> Iterator[_Piece]:
    """What stands before the first boundary is for nobody (RFC 2046 section 5.1.1)."""
    mark = b"--" + boundary.encode("latin-1")
    first = next(pieces, b"")
    at = 0
    if not first.startswith(mark):
        # It is looked for in the first piece only: longer preambles are nothing but attacks.
        at = max(0, first.find(b"\r\n" + mark) + 2) if b"\r\n" + mark in first else 0
    yield _Piece(at, first[at:])
    at = len(first)
    for piece in pieces:
        yield _Piece(at, piece)
        at += len(piece)


class _Collected:
    """Takes what the parser finds."""

    def __init__(self, content: Content) -> None:
        self.parts: list[Part] = []
        self.is_whole = False
        self._content = content
        self._piece = _Piece(0, b"")
        self._pieces: list[bytes] = []
        self._size = 0
        self._start: int | None = None
        self._name = b""
        self._value = b""

    def next_piece(self, piece: _Piece) -> None:
        """Say what the parser is given next."""
        self._piece = piece

    def callbacks(self) -> MultipartCallbacks:
        """What the parser calls, by its names."""
        return {
            "on_part_begin": self._begin,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_header_begin": self._header_begin,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_end": self._whole,
        }

    def _begin(self) -> None:
        if len(self.parts) >= MOST_PARTS:
            raise BodyTooLarge(f"The body has more than {MOST_PARTS} parts; send fewer at once.")
        self.parts.append(Part())
        self._pieces = []
        self._size = 0
        self._start = None

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._start is None and data is self._piece.data:
            # What came before was held back by the parser, since it began as the boundary does.
            self._start = self._piece.at + start - self._size
        self._size += end - start
        if self._is_small():
            self._pieces.append(data[start:end])
        else:
            self._pieces.clear()

    def _end(self) -> None:
        if self._is_small():
            self.parts[-1].content = b"".join(self._pieces)
        else:
            assert self._start is not None
            assert isinstance(self._content, Spooled)
            self.parts[-1].content = self._content.part(self._start, self._size)

    def _is_small(self) -> bool:
        return self._size <= SMALL or not isinstance(self._content, Spooled)

    def _header_begin(self) -> None:
        self._name = self._value = b""

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        # Browsers write names of files as UTF-8 (RFC 7578 section 5.1).
        name = self._name.decode("latin-1").lower()
        self.parts[-1].headers[name] = self._value.decode("utf-8", "replace").strip()

    def _whole(self) -> None:
        self.is_whole = True
