"""Event streams that end when their server does."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from functions.http.event_stream import BELLS

EVENT_STREAM = b"text/event-stream"


class Streams:
    """An ASGI app that can end the event streams of another: their readers come again and go on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._ended = False
        self._bells: set[asyncio.Event] = set()

    def end(self) -> None:
        """Have every stream end, also where nothing happens in it."""
        self._ended = True
        for bell in self._bells:
            bell.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the other app does."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        is_stream = False

        async def noting(message: Message) -> None:
            nonlocal is_stream
            if message["type"] == "http.response.start":
                is_stream = any(
                    name == b"content-type" and value.startswith(EVENT_STREAM)
                    for name, value in message["headers"]
                )
            await send(message)

        async def receiving() -> Message:
            if is_stream and self._ended:
                return {"type": "http.disconnect"}
            return await receive()

        scope[BELLS] = self._bells
        return await self._app(scope, receiving, noting)
