"""A client that calls an ASGI app in this process, on an event loop of its own thread."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from types import TracebackType
from typing import Any
from urllib.parse import quote, urlencode

from anyio.from_thread import BlockingPortal, start_blocking_portal


@dataclass
class Answer:
    """What came back; header names are lower-case, ``cookies`` those that this answer set."""

    status: int
    headers: dict[str, str]
    body: bytes
    cookies: SimpleCookie = field(default_factory=SimpleCookie)
    raw_headers: list[tuple[str, str]] = field(default_factory=list)
    """Every header as it was sent, those of one name by themselves."""

    def every(self, name: str) -> list[str]:
        """All values of a header; ``name`` is lower-case."""
        return [value for key, value in self.raw_headers if key.lower() == name]

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Keeps cookies like a browser; use it as a context manager."""

    def __init__(
        self, app: Any, headers: Mapping[str, str] | None = None, address: str = "127.0.0.1"
    ) -> None:
        self.app = app
        self.headers = dict(headers or {})
        self.cookies: dict[str, str] = {}
        self.address = address
        self._portal_manager: AbstractContextManager[BlockingPortal] | None = None
        self._portal: BlockingPortal | None = None

    def __enter__(self) -> Client:
        self._portal_manager = start_blocking_portal("asyncio")
        self._portal = self._portal_manager.__enter__()
        self._to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._from_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._lifespan = self._portal.start_task_soon(self._run_lifespan)
        self._lifespan_step("startup")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._portal_manager is not None
        self._lifespan_step("shutdown")
        self._portal_manager.__exit__(kind, error, trace)

    def as_other(self, headers: Mapping[str, str] | None = None) -> Client:
        """Another caller of the same running app, with no cookies."""
        other = Client(self.app, headers, self.address)
        other._portal = self._portal
        return other

    def get(self, path: str, **rest: Any) -> Answer:
        return self.request("GET", path, **rest)

    def post(self, path: str, **rest: Any) -> Answer:
        return self.request("POST", path, **rest)

    def put(self, path: str, **rest: Any) -> Answer:
        return self.request("PUT", path, **rest)

    def delete(self, path: str, **rest: Any) -> Answer:
        return self.request("DELETE", path, **rest)

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = ...,
        content: bytes | Iterable[bytes] = b"",
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        to_end: bool = False,
    ) -> Answer:
        """Send a request; ``content`` may be several chunks, which go without a length.

        Of a stream of events the first is taken, or with ``to_end`` all of them.
        """
        chunks = [content] if isinstance(content, bytes) else list(content)
        sent = {"host": "127.0.0.1:8700"}
        for given in (self.headers, headers or {}):
            sent.update({name.lower(): value for name, value in given.items()})
        if json is not ...:
            chunks = [_dump(json)]
            sent.setdefault("content-type", "application/json")
        if isinstance(content, bytes):
            sent.setdefault("content-length", str(len(chunks[0])))
        if self.cookies:
            pairs = [f"{name}={value}" for name, value in self.cookies.items()]
            sent.setdefault("cookie", "; ".join(pairs))
        bare, _mark, inline = path.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": bare,
            "raw_path": quote(bare).encode(),
            "root_path": "",
            "query_string": (urlencode(query) if query else inline).encode(),
            "headers": [(k.encode(), v.encode("latin-1")) for k, v in sent.items()],
            "client": (self.address, 50000),
            "server": ("127.0.0.1", 8700),
        }
        assert self._portal is not None, "use the client in a with block"
        answer = self._portal.call(self._exchange, scope, chunks, to_end)
        for name, morsel in answer.cookies.items():
            if morsel["max-age"] == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value
        return answer

    async def _exchange(self, scope: dict[str, Any], chunks: list[bytes], to_end: bool) -> Answer:
        pending = [
            {"type": "http.request", "body": chunk, "more_body": index < len(chunks) - 1}
            for index, chunk in enumerate(chunks or [b""])
        ]
        messages: list[dict[str, Any]] = []
        ended = asyncio.Event()

        async def receive() -> dict[str, Any]:
            if pending:
                return pending.pop(0)
            await ended.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            messages.append(message)
            if message["type"] == "http.response.body" and (
                not message.get("more_body") or (not to_end and _is_event_stream(messages[0]))
            ):
                # Where the first event is enough, the client hangs up.
                ended.set()

        await self.app(scope, receive, send)
        start = messages[0]
        cookies = SimpleCookie()
        headers: dict[str, str] = {}
        for name, value in start["headers"]:
            if name.lower() == b"set-cookie":
                # An attribute that Python takes for another cookie.
                cookies.load(value.decode().replace("; Priority=High", ""))
            headers[name.decode().lower()] = value.decode("latin-1")
        body = b"".join(message.get("body", b"") for message in messages[1:])
        raw = [(name.decode(), value.decode("latin-1")) for name, value in start["headers"]]
        return Answer(start["status"], headers, body, cookies, raw)

    async def _run_lifespan(self) -> None:
        await self.app({"type": "lifespan"}, self._to_app.get, self._from_app.put)

    def _lifespan_step(self, name: str) -> None:
        assert self._portal is not None
        self._portal.call(self._to_app.put, {"type": f"lifespan.{name}"})
        answer = self._portal.call(self._from_app.get)
        assert answer["type"] == f"lifespan.{name}.complete", answer


def _dump(value: Any) -> bytes:
    return json.dumps(value).encode()


def _is_event_stream(start: dict[str, Any]) -> bool:
    return any(value.startswith(b"text/event-stream") for _name, value in start["headers"])
