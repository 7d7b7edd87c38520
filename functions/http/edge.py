"""The outermost layer around every answer: body limit, security headers, metrics, last catch.

Plain ASGI, because it stands in the way of every request.
"""

from __future__ import annotations

import time

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from functions.http.hooks import hook_seal
from functions.http.hooks.hooks_origin import HooksOrigin
from functions.http.incoming.refused import body_too_large
from functions.http.instance.gateway_metrics import GatewayMetrics
from functions.http.problems import problem_response, unexpected
from layers.errors import NotAllowed, NotFound, TreadleError
from layers.media.set_cookie import MOST

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
STRICT_TRANSPORT = ((b"strict-transport-security", b"max-age=31536000"),)
TAKE_FILES = ("/hooks/", "/callbacks/")
ON_EVERY_ORIGIN = frozenset({"/healthz", "/readyz"})
Pairs = list[tuple[bytes, bytes]]


class CodeRefused(NotAllowed):
    """What a webhook answers cannot be code for a worker, or for a page of this origin."""


class NotServedHere(NotFound):
    """Only webhooks and callbacks are at this origin; the app and its API are at another."""


class Edge:
    """Wraps the app. ``hooks`` is the origin that webhooks have to themselves, if they have one.

    A body has at most ``body_bytes``, where files are taken ``upload_bytes``.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        body_bytes: int,
        upload_bytes: int = 0,
        https: bool,
        measures: GatewayMetrics,
        hooks: HooksOrigin | None = None,
    ) -> None:
        self.app = app
        self.body_bytes = body_bytes
        self.upload_bytes = max(body_bytes, upload_bytes)
        self.measures = measures
        self.hooks = hooks
        self._always = HEADERS + (STRICT_TRANSPORT if https else ())
        self._sealed = hook_seal.SHARED_ORIGIN + (STRICT_TRANSPORT if https else ())
        strict = STRICT_TRANSPORT if hooks is not None and hooks.https else ()
        self._sealed_apart = hook_seal.OWN_ORIGIN + strict
        self._most_cookies = MOST if hooks is not None and hooks.has_own_host else 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        path: str = scope["path"]
        apart = self.hooks is not None and self.hooks.is_meant(scope)
        status = 0

        async def guarded_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = self._headers(scope, apart, message["headers"], status)
            await send(message)

        try:
            refused = self._refusal(scope, path, apart)
            if refused is None:
                await self._serve(scope, receive, guarded_send)
            else:
                await problem_response(refused)(scope, receive, guarded_send)
        except Exception:
            answer = unexpected(scope["method"], path)
            if status:
                raise
            await answer(scope, receive, guarded_send)
        finally:
            self.measures.answered(scope, status, time.perf_counter() - began)

    def _refusal(self, scope: Scope, path: str, apart: bool) -> TreadleError | None:
        if hook_seal.is_sealed(path):
            return CodeRefused() if hook_seal.wants_code(scope) else None
        return NotServedHere() if apart and path not in ON_EVERY_ORIGIN else None

    def _headers(self, scope: Scope, apart: bool, given: Pairs, status: int) -> Pairs:
        path: str = scope["path"]
        if apart or hook_seal.is_sealed(path):
            always = self._sealed_apart if apart else self._sealed
            policies = hook_seal.for_page(always, scope)
            cookies = self._most_cookies if apart else 0
            return hook_seal.sealed(given, policies, status, most_cookies=cookies)
        present = {name.lower() for name, _value in given}
        added = self._always + API_HEADERS if path.startswith("/api/") else self._always
        return [*given, *(pair for pair in added if pair[0] not in present)]

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        announced = Headers(scope=scope).get("content-length", "")
        # These take files, and see to it themselves that nothing else is so large.
        takes_files = scope["path"].startswith(TAKE_FILES)
        most = self.upload_bytes if takes_files else self.body_bytes
        too_large = announced.isdigit() and int(announced) > most
        # A webhook counts what it refuses: there reading the body raises, before any of it is read.
        if too_large and not scope["path"].startswith("/hooks/"):
            await problem_response(body_too_large(most))(scope, receive, send)
            return
        received = 0

        async def counted_receive() -> Message:
            nonlocal received
            if too_large:
                raise body_too_large(most)
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > most:
                    raise body_too_large(most)
            return message

        await self.app(scope, counted_receive, send)
