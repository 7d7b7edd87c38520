"""Forms (``application/x-www-form-urlencoded``), bounded in the number of their fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote_to_bytes

from functions.http.incoming.refused import BodyTooLarge
from functions.http.incoming.texts import decoded_text
from layers.contract import Json

MOST_FIELDS = 10_000
PIECE = 64 * 1024


def read_form(content: bytes, charset: str | None) -> dict[str, Json]:
    """The fields by name: a text each, or a list where a name stands more than once.

    Raises BodyTooLarge beyond ``MOST_FIELDS``, UnknownBody and MalformedBody for the charset.
    """
    content = content.removeprefix(b"\xef\xbb\xbf")
    if content.count(b"&") >= MOST_FIELDS:
        raise BodyTooLarge(f"The form has more than {MOST_FIELDS} fields; send it in parts.")
    return grouped(_pairs(content, charset))


def grouped(pairs: Iterable[tuple[str, Json]]) -> dict[str, Json]:
    """Values by their names: a list where a name stands more than once."""
    found: dict[str, list[Any]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _pairs(content: bytes, charset: str | None) -> Iterator[tuple[str, Json]]:
    for pair in content.split(b"&"):
        if pair:
            name, _mark, value = pair.partition(b"=")
            yield (
                decoded_text(_unescaped(name), charset),
                decoded_text(_unescaped(value), charset),
            )


def _unescaped(raw: bytes) -> bytes:
    """Undo the percent-encoding piece by piece, so that other threads get their turn."""
    raw = raw.replace(b"+", b" ")
    if len(raw) <= PIECE:
        return unquote_to_bytes(raw)
    pieces = []
    start = 0
    while start < len(raw):
        end = start + PIECE
        # An escape of three bytes must not be cut.
        cut = raw.rfind(b"%", max(start + 1, end - 2), end)
        end = end if cut == -1 else cut
        pieces.append(unquote_to_bytes(raw[start:end]))
        start = end
    return b"".join(pieces)
