"""What the body of an HTTP answer means: a value, a text, or the bytes of a file."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from typing import Literal, TypeVar

from layers.contract import HttpResponse, Json, NodeError
from layers.media import charsets, json_text
from layers.media.detection import charset_of_text
from layers.media.types import charset_of, is_form, is_json, is_json_lines, is_text, media_type
from layers.work import PROCESSOR

ResponseType = Literal["auto", "json", "text", "binary"]
R = TypeVar("R")
MOST_VALUES = 5_000_000
"""So many values may an answer's JSON hold: while it is parsed, nothing else goes on."""
_PIECE = 1024 * 1024

_REMEDY = "Set 'response' to 'auto' or 'text' if the other side does not always send JSON."


async def beside(size: int, call: Callable[[], R]) -> R:
    """Do something with so many bytes; with many of them in a thread, so that others can go on."""
    return await PROCESSOR.run(call) if size > charsets.LARGE else call()


async def read_body(response: HttpResponse, wanted: ResponseType) -> Json | bytes:
    """Return the body as JSON value, as text, or as the bytes of a file.

    ``auto`` goes by the media type, without one by what is there; an empty body is None. JSON one
    to a line gives a list. Raises NodeError where ``json`` is wanted and none came, where a number
    is larger than a number can be, naming its place, and for more than MOST_VALUES values.
    """
    return await beside(len(response.body), lambda: _read(response, wanted))


def _read(response: HttpResponse, wanted: ResponseType) -> Json | bytes:
    if wanted == "binary":
        return response.body
    if wanted == "text":
        return text_of(response)
    if not response.body.strip():
        return None
    kind = kind_of(response)
    if wanted == "json" or is_json(kind) or is_json_lines(kind) or _looks_like_json(response):
        try:
            return _value(response, kind)
        except json_text.NumberTooLarge as error:
            message = f"{error} To have the whole answer as text, set 'response' to 'text'."
            raise NodeError(message, kind="invalid_response") from error
        except (ValueError, RecursionError) as error:
            if wanted == "json":
                message = f"The answer is not valid JSON: {error} {_REMEDY}"
                raise NodeError(message, kind="invalid_response") from error
    return text_of(response) if _is_text(kind, response) else response.body


def begins_a_file(head: HttpResponse, wanted: ResponseType) -> bool:
    """Whether a longer answer, of whose body only the beginning is there, is a file for sure.

    Where it is not, ``read_body`` says what the whole of it is.
    """
    if wanted != "auto":
        return wanted == "binary"
    kind = kind_of(head)
    if kind or charsets.marked(head.body)[0] is not None:
        return not _is_text(kind, head)
    if _looks_like_json(head):
        return False
    try:
        # Its last letter may be cut.
        codecs.getincrementaldecoder("utf-8")().decode(head.body)
    except UnicodeDecodeError:
        return True
    return False


def text_of(response: HttpResponse, most: int | None = None) -> str:
    """The body as text, or of its first ``most`` bytes; what is no letter becomes U+FFFD.

    The charset is the byte order mark's, Content-Type's, or the one that HTML and XML declare;
    one that is not known here is passed over, and none means UTF-8.
    """
    content = response.body if most is None else response.body[:most]
    header = response.headers.get("content-type", "")
    charset = charset_of_text(content, media_type(header), charset_of(header))
    return charsets.decode(content, charset, errors="replace")


def kind_of(response: HttpResponse) -> str:
    """The media type in lower case without its parameters; empty where none was sent."""
    return media_type(response.headers.get("content-type", ""))


def _value(response: HttpResponse, kind: str) -> Json:
    if _may_hold_more_than(MOST_VALUES, response.body):
        raise NodeError(
            f"The answer holds more than {MOST_VALUES:,} values. Ask for less at a time, in pages "
            "for example, or set 'response' to 'text' or 'binary'.",
            kind="response_too_large",
        )
    charset = charset_of(response.headers.get("content-type", ""))
    read = json_text.read_lines if is_json_lines(kind) else json_text.read
    try:
        return read(response.body, charset)
    except charsets.UnknownCharset:
        # JSON is UTF-8 wherever nothing else is said (RFC 8259 section 8.1).
        return read(response.body, None)


def _may_hold_more_than(most: int, content: bytes) -> bool:
    """Count what stands between values, in pieces: each of them is short."""
    if len(content) <= most:
        return False
    found = 0
    for start in range(0, len(content), _PIECE):
        piece = content[start : start + _PIECE]
        found += sum(piece.count(mark) for mark in (b",", b"[", b"{", b"\n"))
    return found > most


def _looks_like_json(response: HttpResponse) -> bool:
    """Whether a body without media type begins as JSON objects and lists do."""
    return not kind_of(response) and response.body[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (
        b"{",
        b"[",
    )


def _is_text(kind: str, response: HttpResponse) -> bool:
    if is_json(kind) or is_json_lines(kind) or is_form(kind) or is_text(kind):
        return True
    if kind.endswith(("/xml", "javascript")):
        return True
    if kind:
        return False
    if charsets.marked(response.body)[0] is not None:
        return True
    try:
        charsets.decode(response.body, None)
    except charsets.NotInCharset:
        return False
    return True
