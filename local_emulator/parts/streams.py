"""Event streams that end when their server does."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

EVENT_STREAM = b"text/event-stream"


class Streams:
    """An ASGI app that can end the event streams of another: their readers come again and go on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._ended = False

    def end(self) -> None:
        """Have every stream end at its next event, or when it looks whether it is still read."""
        self._ended = True

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

        return await self._app(scope, receiving, noting)
