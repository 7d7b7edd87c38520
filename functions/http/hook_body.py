"""What a webhook's request carries, made into an item."""

from __future__ import annotations

import base64
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import Headers, QueryParams
from starlette.requests import Request

from functions.http.json_body import is_json, read_json
from layers.contract import Json
from layers.errors import MalformedInput
from layers.settings import LimitSettings

# A browser that is signed in would otherwise leave its session in the event.
NEVER_KEPT = frozenset({"cookie"})


def query_of(params: QueryParams) -> dict[str, Json]:
    """Query parameters: a text each, or a list where a name stands more than once."""
    return _grouped(params.multi_items())


def headers_of(headers: Headers, secret: str | None) -> dict[str, Json]:
    """Header names in lower case; cookies and the header with the secret are left out."""
    return {
        name: value for name, value in headers.items() if name not in NEVER_KEPT and name != secret
    }


def body_of(request: Request, content: bytes, limits: LimitSettings) -> Json:
    """The body by its media type: JSON, a form's fields, text, or base64 for other bytes.

    Raises MalformedInput for what announces JSON and is not, InvalidInput for JSON beyond the
    limits.
    """
    if not content:
        return None
    announced = request.headers.get("content-type", "")
    if is_json(announced) or (not announced and content[:1] in b"{["):
        return read_json(content, limits)
    kind = announced.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return _grouped(parse_qsl(_text(content, announced), keep_blank_values=True))
    if kind.startswith("text/") or kind in ("", "application/xml") or kind.endswith("+xml"):
        return _text(content, announced)
    return {"base64": base64.b64encode(content).decode(), "media_type": kind}


def _text(content: bytes, announced: str) -> str:
    header = Message()
    header["content-type"] = announced or "text/plain"
    charset = header.get_content_charset("utf-8")
    try:
        return content.decode(charset)
    except (UnicodeDecodeError, LookupError) as error:
        raise MalformedInput(f"The body is not text in the character set {charset!r}.") from error


def _grouped(pairs: list[tuple[str, str]]) -> dict[str, Json]:
    grouped: dict[str, Any] = {}
    for name, value in pairs:
        if name not in grouped:
            grouped[name] = value
        elif isinstance(grouped[name], list):
            grouped[name].append(value)
        else:
            grouped[name] = [grouped[name], value]
    return grouped
