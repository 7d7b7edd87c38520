"""Reading HTTP answers: what went wrong, when to come back, what the body says."""

from __future__ import annotations

import re
from collections.abc import Callable
from email.message import Message
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Literal
from urllib.parse import unquote, urlsplit

from functions.nodes.strict_json import strict_json
from layers.contract import HttpResponse, Json, NodeError

ResponseType = Literal["auto", "json", "text", "binary"]

_EXCERPT = 2048
_RETRIED = {408, 425, 429}


def failure(response: HttpResponse, now: float, hide: Callable[[str], str]) -> NodeError:
    """Make the error for a status of 400 or more; ``hide`` blanks out secrets.

    ``detail`` holds ``status`` and the first 2 kB of the ``body``. 408, 425, 429 and 5xx can be
    tried again, after Retry-After if the other side named it.
    """
    status = response.status
    body = hide(_text(response))[:_EXCERPT]
    line = " ".join(body.split())[:200]
    host = urlsplit(response.url).hostname
    return NodeError(
        f"{host} answered {status} {_phrase(status)}".rstrip() + (f": {line}" if line else "."),
        kind="http_status",
        retry=status in _RETRIED or status >= 500,
        retry_in=retry_after(response, now),
        detail={"status": status, "body": body},
    )


def retry_after(response: HttpResponse, now: float) -> float | None:
    """Return the wait in seconds that Retry-After asks for (RFC 9110 section 10.2.3).

    A date is taken against the other side's own clock where it tells it, else against ``now``.
    """
    value = response.headers.get("retry-after", "").strip()
    if value.isdecimal() and len(value) < 10:
        return float(value)
    moment = _moment(value)
    if moment is None:
        return None
    return max(0.0, moment - (_moment(response.headers.get("date", "")) or now))


def read_body(response: HttpResponse, wanted: ResponseType) -> Json | bytes:
    """Return the body as JSON value, as text, or as the bytes of a file.

    ``auto`` goes by the media type; an empty body is None. Raises NodeError where ``json`` is
    wanted and none came.
    """
    kind = media_type(response)
    if wanted == "binary":
        return response.body
    if wanted == "text":
        return _text(response)
    if not response.body.strip():
        return None
    if wanted == "json" or kind == "application/json" or kind.endswith("+json"):
        try:
            return _parse(response)
        except (ValueError, RecursionError) as error:
            if wanted == "json":
                raise NodeError(
                    f"The answer is not valid JSON ({type(error).__name__}). Set 'response' to "
                    "'auto' or 'text' if the other side does not always send JSON.",
                    kind="invalid_response",
                ) from error
            return _text(response)
    return _text(response) if _is_text(kind, response) else response.body


def media_type(response: HttpResponse) -> str:
    """The media type in lower case without its parameters; empty where none was sent."""
    return response.headers.get("content-type", "").partition(";")[0].strip().lower()


def file_name(response: HttpResponse) -> str:
    """A safe name for the body as a file: Content-Disposition's (RFC 6266), or the URL's."""
    message = Message()
    message["Content-Disposition"] = response.headers.get("content-disposition", "")
    named = message.get_filename() or unquote(urlsplit(response.url).path)
    last = re.split(r"[/\\]", named.rstrip("/\\"))[-1]
    return re.sub(r"[\x00-\x1f\x7f]", "", last).lstrip(".")[:200] or "download"


def _parse(response: HttpResponse) -> Json:
    text = response.body.decode("utf-8-sig")
    return strict_json(text)


def _text(response: HttpResponse) -> str:
    message = Message()
    message["Content-Type"] = response.headers.get("content-type", "")
    charset = message.get_content_charset() or "utf-8"
    try:
        return response.body.decode(charset, errors="replace")
    except (LookupError, ValueError):
        return response.body.decode("utf-8", errors="replace")


def _is_text(kind: str, response: HttpResponse) -> bool:
    if kind.startswith("text/") or kind.endswith(("+xml", "/xml", "javascript", "urlencoded")):
        return True
    if kind:
        return False
    try:
        response.body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _moment(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
