"""The outermost layer around every answer: body limit, security headers, metrics, last catch.

Plain ASGI, because it stands in the way of every request.
"""

from __future__ import annotations

import time

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from functions.http.measures import Measures
from functions.http.problems import problem_response, unexpected
from layers.errors import TooLarge

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
API_HEADERS = (
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)
# What a workflow answers is written by its author: no script of it may run as ours.
HOOK_HEADERS = ((b"content-security-policy", b"sandbox"),)
STRICT_TRANSPORT = ((b"strict-transport-security", b"max-age=31536000"),)


class Edge:
    """Wraps the app."""

    def __init__(self, app: ASGIApp, *, body_bytes: int, https: bool, measures: Measures) -> None:
        self.app = app
        self.body_bytes = body_bytes
        self.measures = measures
        self._always = HEADERS + (STRICT_TRANSPORT if https else ())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        headers = self._headers_for(scope["path"])
        status = 0

        async def guarded_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                present = {name.lower() for name, _value in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(pair for pair in headers if pair[0] not in present),
                ]
            await send(message)

        try:
            await self._serve(scope, receive, guarded_send)
        except Exception:
            answer = unexpected(scope["method"], scope["path"])
            if status:
                raise
            await answer(scope, receive, guarded_send)
        finally:
            self.measures.answered(scope, status, time.perf_counter() - began)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdigit() and int(announced) > self.body_bytes:
            await problem_response(self._too_large())(scope, receive, send)
            return
        received = 0

        async def counted_receive() -> Message:
            nonlocal received
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > self.body_bytes:
                    raise self._too_large()
            return message

        await self.app(scope, counted_receive, send)

    def _too_large(self) -> TooLarge:
        return TooLarge(
            f"The body is larger than {self.body_bytes} bytes, which is the most that this"
            " instance accepts; send less, or in parts."
        )

    def _headers_for(self, path: str) -> tuple[tuple[bytes, bytes], ...]:
        if path.startswith("/api/"):
            return self._always + API_HEADERS
        if path.startswith("/hooks/"):
            return self._always + HOOK_HEADERS
        return self._always
