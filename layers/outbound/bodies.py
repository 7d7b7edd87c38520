"""Bodies of requests as the HTTP library sends them."""

from __future__ import annotations

import io

from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import Payload

from layers.contract import StreamedBody

_LARGE = 1024 * 1024


class StreamedPayload(Payload):
    """A body that is opened each time that it is sent: the library may have to do that again."""

    def __init__(self, body: StreamedBody) -> None:
        super().__init__(body)
        self._body = body
        self._size = body.size

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """There is no text of it."""
        raise TypeError("a body that is streamed has no text")

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Send it."""
        async for piece in self._body.open():
            await writer.write(piece)


def payload_of(body: bytes | StreamedBody | None) -> Payload | io.BytesIO | bytes | None:
    """What to hand to the library; it sends large bytes in pieces where they are a file."""
    if isinstance(body, StreamedBody):
        return StreamedPayload(body)
    return io.BytesIO(body) if body is not None and len(body) > _LARGE else body
