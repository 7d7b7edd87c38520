"""Reading HTTP answers: what went wrong, when to come back, what a file is called."""

from __future__ import annotations

import re
from collections.abc import Callable
from email.message import Message
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import unquote, urlsplit

from functions.nodes.http_reading import text_of
from layers.contract import HttpResponse, NodeError

_EXCERPT = 2048
# So much is read that no secret is cut in the middle, where it would not be known again.
_LOOKED_AT = 64 * 1024
_RETRIED = {408, 425, 429}


def failure(response: HttpResponse, now: float, hide: Callable[[str], str]) -> NodeError:
    """Make the error for a status of 400 or more; ``hide`` blanks out secrets.

    ``detail`` holds ``status`` and the first 2 kB of the ``body``. 408, 425, 429 and 5xx can be
    tried again, after Retry-After if the other side named it.
    """
    status = response.status
    body = hide(text_of(response, _LOOKED_AT))[:_EXCERPT]
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


def file_name(response: HttpResponse, hide: Callable[[str], str]) -> str:
    """A safe name for the body as a file: Content-Disposition's (RFC 6266), or the URL's.

    ``hide`` blanks out secrets.
    """
    message = Message()
    message["Content-Disposition"] = response.headers.get("content-disposition", "")
    named = message.get_filename() or unquote(urlsplit(response.url).path)
    last = re.split(r"[/\\]", hide(named).rstrip("/\\"))[-1]
    return re.sub(r"[\x00-\x1f\x7f]", "", last).lstrip(".")[:200] or "download"


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
