"""Asks this very app, as somebody outside would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.types import Message


@dataclass
class Answered:
    """What the app answered."""

    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""


async def ask(
    request: Request,
    method: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    content: bytes,
) -> Answered:
    """Send a request to the app of ``request``, from the address that ``request`` came from."""
    sent = {"content-length": str(len(content)), **headers}
    scope: dict[str, Any] = {
        **{name: request.scope[name] for name in ("asgi", "http_version", "scheme", "server")},
        "type": "http",
        "method": method,
        "path": unquote(path),
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
        "client": request.scope.get("client"),
        "state": {},
    }
    waiting: list[Message] = [{"type": "http.request", "body": content, "more_body": False}]
    answered = Answered()

    async def receive() -> Message:
        return waiting.pop() if waiting else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answered.status = message["status"]
            answered.headers = {
                name.decode("latin-1"): value.decode("latin-1")
                for name, value in message["headers"]
            }
        elif message["type"] == "http.response.body":
            answered.content += message.get("body", b"")

    await request.app(scope, receive, send)
    return answered
