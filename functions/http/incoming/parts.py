"""The parts of a ``multipart/*`` body (RFC 2046, RFC 7578), bounded in their number."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser

from functions.http.incoming.refused import BodyTooLarge, MalformedBody

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MOST_PARTS = 1_000
MOST_HEADERS = 20


@dataclass(slots=True)
class Part:
    """One part; header names are lower-case."""

    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""

    @property
    def disposition(self) -> str:
        """Its Content-Disposition; empty where it has none."""
        return self.headers.get("content-disposition", "")


def read_parts(content: bytes, boundary: str) -> list[Part]:
    """The parts in their order.

    Raises BodyTooLarge beyond ``MOST_PARTS``, MalformedBody for what is no such body.
    """
    if not boundary:
        raise MalformedBody("The Content-Type names no boundary; a multipart body has one.")
    collected = _Collected()
    try:
        parser = MultipartParser(boundary, collected.callbacks(), max_header_count=MOST_HEADERS)
        parser.write(_without_preamble(content, boundary))
        parser.finalize()
    except (FormParserError, UnicodeEncodeError) as error:
        raise MalformedBody("The body is not a multipart body with this boundary.") from error
    if not collected.is_whole:
        raise MalformedBody("The multipart body ends before its last boundary; send it whole.")
    return collected.parts


def _without_preamble(content: bytes, boundary: str) -> bytes:
    """What stands before the first boundary is for nobody (RFC 2046 section 5.1.1)."""
    mark = b"--" + boundary.encode("latin-1")
    if content.startswith(mark):
        return content
    at = content.find(b"\r\n" + mark)
    return content if at == -1 else content[at + 2 :]


class _Collected:
    """Takes what the parser finds."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.is_whole = False
        self._pieces: list[bytes] = []
        self._name = b""
        self._value = b""

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

    def _data(self, data: bytes, start: int, end: int) -> None:
        self._pieces.append(data[start:end])

    def _end(self) -> None:
        self.parts[-1].content = b"".join(self._pieces)

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
