"""Reads a stream of events piece by piece, as slowly as a test likes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from tests.waiting import PATIENCE_S


class Told(NamedTuple):
    """One event; a sign of life has no name."""

    id: str
    name: str
    data: Any


class Stream:
    """What a server sends, taken one by one: it can send the next when the last was taken."""

    def __init__(self) -> None:
        self.sent = asyncio.Queue[bytes](maxsize=1)
        self.gone = asyncio.Event()
        self.ended = asyncio.Event()
        """The server has said all."""
        self.status = 0

    async def next(self) -> Told:
        """The next event, or sign of life."""
        chunk = await asyncio.wait_for(self.sent.get(), PATIENCE_S)
        fields = dict(line.split(": ", 1) for line in chunk.decode().strip().splitlines())
        return Told(
            fields.get("id", ""), fields.get("event", ""), json.loads(fields.get("data", "null"))
        )

    async def until(self, name: str) -> list[Told]:
        """The events up to one with this name, signs of life left out."""
        found: list[Told] = []
        while not found or found[-1].name != name:
            told = await self.next()
            if told.name:
                found.append(told)
        return found


@asynccontextmanager
async def reading(
    app: Any, path: str, api_key: str, last_event_id: str = "", method: str = "GET"
) -> AsyncIterator[Stream]:
    """Follow a stream of an app on this event loop; leaving the block hangs up."""
    stream = Stream()
    headers = [(b"host", b"127.0.0.1:8700"), (b"authorization", f"Bearer {api_key}".encode())]
    if last_event_id:
        headers.append((b"last-event-id", last_event_id.encode()))

    async def receive() -> dict[str, Any]:
        await stream.gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            stream.status = message["status"]
        elif message["body"]:
            await stream.sent.put(message["body"])
        if message["type"] == "http.response.body" and not message.get("more_body"):
            stream.ended.set()

    call = asyncio.create_task(app(_scope(method, path, headers), receive, send))
    try:
        yield stream
    finally:
        stream.gone.set()
        while not stream.sent.empty():
            stream.sent.get_nowait()
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)


async def post(app: Any, path: str, body: Any) -> Any:
    """Post JSON to an app on this event loop; returns the answer's."""
    sent = [json.dumps(body).encode()]
    answer: list[bytes] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": sent.pop()}

    async def send(message: dict[str, Any]) -> None:
        answer.append(message.get("body", b""))

    headers = [
        (b"host", b"127.0.0.1:8700"),
        (b"content-type", b"application/json"),
        (b"content-length", str(len(sent[0])).encode()),
    ]
    await app(_scope("POST", path, headers), receive, send)
    return json.loads(b"".join(answer))


def _scope(method: str, path: str, headers: list[tuple[bytes, bytes]]) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": headers,
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8700),
    }
