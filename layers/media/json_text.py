"""JSON that others wrote, read as leniently as nothing is lost or changed by it."""

from __future__ import annotations

import codecs
import json
import math
import re
from typing import Any

from layers import jsontext
from layers.jsontext import InvalidJson
from layers.media import charsets

# In longer texts the place of a number is not looked for: that takes Python's parser.
_NAMED = 4 * 1024 * 1024
# A backslash and what it escapes; pairs first, so that a half is one that has no other half.
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\."
)
_HALF = re.compile(r"\\u[dD][89a-fA-F]")


class NumberTooLarge(InvalidJson):
    """The text is JSON, but holds a number that no float can hold; the message says where."""


class _Infinite(float):
    """Stands where a number was that a float cannot hold."""

    written: str


def read(content: bytes | str, charset: str | None = None) -> Any:
    """Read one JSON value (RFC 8259); empty text is not one.

    The encoding is the byte order mark's, else that of ``charset``, else the UTF-8, UTF-16 or
    UTF-32 that the first bytes show (RFC 4627 section 3). Halves of surrogate pairs become U+FFFD
    (RFC 8259 section 8.2 leaves them open). Integers are exact. Raises InvalidJson, for numbers
    that a float cannot hold too, then with the JSON pointer; UnknownCharset and NotInCharset.
    """
    if isinstance(content, bytes) and charset is None and content[:1] in _PLAIN:
        try:
            return jsontext.loads(content)
        except InvalidJson:
            pass
    text = content if isinstance(content, str) else _text(content, charset)
    return _read(text.removeprefix("\ufeff"))


def read_lines(content: bytes | str, charset: str | None = None) -> list[Any]:
    """Read JSON values one to a line (jsonlines.org); blank lines are skipped.

    Raises as ``read`` does, naming the line.
    """
    text = content if isinstance(content, str) else _text(content, charset)
    values = []
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        if line.strip():
            try:
                values.append(_read(line))
            except InvalidJson as error:
                raise InvalidJson(f"Line {number}: {error}") from error
    return values


def _read(text: str) -> Any:
    try:
        return jsontext.loads(text)
    except (InvalidJson, UnicodeEncodeError) as error:
        repaired = _whole(text)
        if repaired != text:
            return _read(repaired)
        if len(text) <= _NAMED:
            _name_infinite(text)
        if isinstance(error, InvalidJson):
            raise
        raise InvalidJson(f"Not valid JSON: {error}.") from error


def _text(content: bytes, charset: str | None) -> str:
    if charset is None or charsets.find(charset) in ("utf_8", "ascii", "utf_16", "utf_32"):
        charset = _shown(content) or charset
    return charsets.decode(content, charset)


def _shown(content: bytes) -> str | None:
    """The encoding by where the zeros stand, since JSON begins with two ASCII characters."""
    if charsets.marked(content)[0] or b"\0" not in content[:4]:
        return None
    zeros = tuple(byte == 0 for byte in content[:4])
    if len(zeros) == 4 and zeros[:3] == (True, True, True):
        return "utf-32-be"
    if len(zeros) == 4 and zeros[1:] == (True, True, True):
        return "utf-32-le"
    return "utf-16-be" if zeros[0] else "utf-16-le"


def _whole(text: str) -> str:
    """The text with U+FFFD for each half of a surrogate pair, written out or escaped."""
    repaired = (
        text
        if not _HALF.search(text)
        else _ESCAPE.sub(lambda found: "\\ufffd" if found["half"] else found[0], text)
    )
    try:
        repaired.encode()
        return repaired
    except UnicodeEncodeError:
        return repaired.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _name_infinite(text: str) -> None:
    """Raise InvalidJson naming the first number that a float cannot hold; else return."""
    try:
        value = json.loads(text, parse_float=_float, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return
    level: list[tuple[str, Any]] = [("", value)]
    while level:
        pointer, one = level.pop()
        if isinstance(one, _Infinite):
            place = f"at {pointer}" if pointer else "at the top"
            raise NumberTooLarge(
                f"Not valid JSON here: the number {one.written} {place} is larger than a number "
                f"can be (about 1.8e308); send it as a text."
            )
        if isinstance(one, dict):
            level += [(f"{pointer}/{_pointed(name)}", part) for name, part in one.items()]
        elif isinstance(one, list):
            level += [(f"{pointer}/{place}", part) for place, part in enumerate(one)]


def _float(written: str) -> float:
    number = float(written)
    if math.isfinite(number):
        return number
    infinite = _Infinite(number)
    infinite.written = written[:40]
    return infinite


def _refuse(name: str) -> Any:
    raise InvalidJson(f"Not valid JSON: {name} is not a number of JSON.")


def _pointed(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


# With these a byte order mark begins, or text of two or four bytes a letter.
_PLAIN = frozenset(bytes([byte]) for byte in range(1, 256)) - {
    mark[:1] for mark in (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
}
