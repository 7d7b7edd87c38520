"""Webhooks called by web pages of other origins (CORS, Fetch standard section 3.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Message, Send

MAX_AGE_S = 600
NAMES = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~, -]{1,2000}")


def is_preflight(headers: Headers) -> bool:
    """Whether an OPTIONS request is a browser's question before a page's request."""
    return "origin" in headers and "access-control-request-method" in headers


def allow_origin(sent: Headers, answer: MutableHeaders, allowed: Sequence[str]) -> bool:
    """Let the page that asks read the answer, if its origin is allowed; returns whether it is.

    Credentials are never allowed: nobody is signed in at a webhook.
    """
    if not allowed:
        return False
    answer.add_vary_header("Origin")
    origin = sent.get("origin", "")
    if not origin or ("*" not in allowed and origin.lower() not in allowed):
        return False
    answer["Access-Control-Allow-Origin"] = "*" if "*" in allowed else origin
    return True


def allow_request(sent: Headers, answer: MutableHeaders, methods: Iterable[str]) -> None:
    """Answer a browser's question: the methods that listen, and the headers that it asked for."""
    answer["Access-Control-Allow-Methods"] = ", ".join(methods)
    wanted = sent.get("access-control-request-headers", "")
    if NAMES.fullmatch(wanted):
        answer["Access-Control-Allow-Headers"] = wanted
        answer.add_vary_header("Access-Control-Request-Headers")
    answer["Access-Control-Max-Age"] = str(MAX_AGE_S)


def allowing(sent: Headers, allowed: Sequence[str], send: Send) -> Send:
    """A ``send`` that lets an allowed page read whatever is answered."""

    async def allowed_send(message: Message) -> None:
        if message["type"] == "http.response.start":
            allow_origin(sent, MutableHeaders(scope=message), allowed)
        await send(message)

    return allowed_send
