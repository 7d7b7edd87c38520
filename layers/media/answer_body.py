"""What an answer's body is in bytes: JSON, or text in the charset that its headers name."""

from __future__ import annotations

from collections.abc import Mapping

from layers import jsontext
from layers.contract import Json
from layers.media import charsets, types
from layers.media.answer_headers import HeaderValue


def written(body: Json, headers: Mapping[str, HeaderValue]) -> Json | bytes:
    """The body in bytes where its charset is not UTF-8; otherwise as it came.

    Raises UnknownCharset, and NotInCharset that names the first letter that the charset lacks.
    """
    charset = types.charset_of(content_type(headers) or "")
    if charset is None or charsets.find(charset) == "utf_8":
        return body
    if isinstance(body, str):
        return charsets.encode(body, charset)
    return json_bytes(body, charset)


def json_bytes(body: Json, charset: str) -> bytes:
    """JSON text in a charset; letters that it lacks are escaped, as JSON allows.

    Raises UnknownCharset.
    """
    content = jsontext.dumps(body)
    try:
        return charsets.encode(content, charset)
    except charsets.NotInCharset:
        return charsets.encode(_escaped(content), charset)


def content_type(headers: Mapping[str, HeaderValue]) -> str | None:
    """The type that the headers name; None if they name none."""
    for name, given in headers.items():
        if name.lower() == "content-type":
            return given if isinstance(given, str) else next(iter(given), None)
    return None


def _escaped(text: str) -> str:
    """The same JSON text in ASCII (RFC 8259 section 7: by surrogate pairs beyond U+FFFF)."""
    units = text.encode("utf-16-be")
    pairs = (units[at : at + 2] for at in range(0, len(units), 2))
    return "".join(
        chr(unit[1]) if unit[0] == 0 and unit[1] < 0x80 else f"\\u{unit.hex()}" for unit in pairs
    )
