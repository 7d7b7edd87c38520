"""Making HTTP requests: bodies, query strings and header values from JSON values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal
from urllib.parse import urlencode

from layers.contract import Json, NodeError
from layers.media import charsets
from layers.media.urls import query_of

BodyType = Literal["auto", "json", "form", "multipart", "file", "raw", "none"]

_JSON = "application/json"
_TEXT = "text/plain; charset=utf-8"
_FORM = "application/x-www-form-urlencoded"


def encode_body(
    value: Json, kind: BodyType, charset: str | None = None
) -> tuple[bytes | None, str | None]:
    """Return the bytes to send and their media type; (None, None) for no body.

    ``auto`` sends a text as it is and everything else as JSON. ``charset`` is what the request's
    own Content-Type names. Raises NodeError for a letter that it lacks, and for a name that is no
    character set. Bodies with files are made in ``http_upload``.
    """
    if kind == "none" or value is None:
        return None, None
    if kind == "form":
        return _form(value, charset), _FORM
    if kind == "json":
        return _json(value, charset), _JSON
    if isinstance(value, str):
        return encoded(value, charset), _TEXT
    if kind == "raw":
        raise NodeError(
            "The raw body must be a text; set 'body_type' to 'json' to send a value.", kind="body"
        )
    return _dump(value, charset), _JSON


def encoded(text: str, charset: str | None) -> bytes:
    """A text in the charset that goes out with it, UTF-8 where none is named."""
    try:
        return charsets.encode(text, charset or "utf-8")
    except charsets.UnknownCharset as error:
        raise NodeError(
            f"The header 'Content-Type' names the character set '{charset}', which cannot be "
            "written here; use utf-8.",
            kind="body",
        ) from error
    except charsets.NotInCharset as error:
        raise NodeError(f"The body cannot be sent: {error}", kind="body") from error


def with_query(url: str, query: Mapping[str, Json]) -> str:
    """Add parameters to a URL; a list gives a parameter several times, null leaves it out."""
    pairs = _pairs(query, "query")
    if not pairs:
        return url
    # Not taken apart and put together by a library: what is written there stays as it is.
    before, former = query_of(url)
    return f"{before}?{'&'.join(filter(None, (former, urlencode(pairs))))}"


def header_values(headers: Mapping[str, Json]) -> dict[str, str]:
    """Turn header values into texts; null leaves a header out."""
    return {
        name: scalar(value, f"header '{name}'")
        for name, value in headers.items()
        if value is not None
    }


def _form(value: Json, charset: str | None) -> bytes:
    if isinstance(value, str):
        return encoded(value, charset)
    if not isinstance(value, Mapping):
        raise NodeError("The form body must be an object of fields.", kind="body")
    pairs = [
        (encoded(name, charset), encoded(text, charset)) for name, text in _pairs(value, "form")
    ]
    return urlencode(pairs).encode()


def _json(value: Json, charset: str | None) -> bytes:
    if not isinstance(value, str):
        return _dump(value, charset)
    try:
        json.loads(value)
    except (ValueError, RecursionError) as error:
        raise NodeError(
            f"The body is not valid JSON text: {error}. Correct it, or give an object.",
            kind="body",
        ) from error
    return encoded(value, charset)


def _dump(value: Json, charset: str | None) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    try:
        return charsets.encode(text, charset or "utf-8")
    except charsets.NotInCharset:
        # JSON has escapes for what the charset lacks.
        return encoded(json.dumps(value, separators=(",", ":"), allow_nan=False), charset)
    except charsets.UnknownCharset:
        return encoded(text, charset)


def _pairs(values: Mapping[str, Json], where: str) -> list[tuple[str, str]]:
    return [
        (name, scalar(part, f"{where} parameter '{name}'"))
        for name, value in values.items()
        for part in (value if isinstance(value, list) else [value])
        if part is not None
    ]


def scalar(value: Json, where: str) -> str:
    """A text, number or truth value as text; raises NodeError that says where it stands."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    raise NodeError(f"The {where} must be a text or a number, not an object or a list.", kind="url")
