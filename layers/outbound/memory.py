"""A client that reaches nothing: it gives scripted answers and keeps what it was asked."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import TypeAlias

from layers.contract import HttpRequest, HttpResponse, Json, NodeError

_PIECE = 64 * 1024
Answer: TypeAlias = HttpResponse | NodeError | Callable[[HttpRequest], HttpResponse]
"""What to give or raise, or a function of the request."""


class ScriptedClient:
    """Implements HttpClient for tests: each request takes the next answer.

    ``always`` answers once they are used up. ``requests`` holds all requests, in order.
    """

    def __init__(self, answers: Iterable[Answer] = (), *, always: Answer | None = None) -> None:
        self.requests: list[HttpRequest] = []
        self._answers = list(answers)
        self._always = always

    @asynccontextmanager
    async def stream(self, request: HttpRequest) -> AsyncIterator[ScriptedStream]:
        """Give the next answer as one that is still on its way."""
        yield ScriptedStream(await self.send(request), request.max_response_bytes)

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Give the next answer; raises AssertionError if there is none."""
        self.requests.append(request)
        answer = self._answers.pop(0) if self._answers else self._always
        if answer is None:
            raise AssertionError(f"No answer is scripted for {request.method} {request.url}.")
        if isinstance(answer, NodeError):
            raise answer
        return answer(request) if callable(answer) else answer


class ScriptedStream:
    """Implements HttpStream for an answer that is there already."""

    def __init__(self, response: HttpResponse, most: int) -> None:
        self.status = response.status
        self.headers = response.headers
        self.url = response.url
        self.set_cookies = response.set_cookies
        self._body = response.body
        self._most = most

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body in pieces; raises NodeError if it is larger than the request allows."""
        for at in range(0, len(self._body), _PIECE):
            if at + _PIECE > self._most and len(self._body) > self._most:
                raise NodeError("The answer is too large.", kind="response_too_large")
            yield self._body[at : at + _PIECE]


def answer(
    body: Json = None, status: int = 200, headers: Mapping[str, str] | None = None, url: str = ""
) -> HttpResponse:
    """Make a JSON answer; bytes and text are taken as they are. Header names in any case."""
    given = {name.lower(): value for name, value in (headers or {}).items()}
    if isinstance(body, bytes):
        content = body
    elif isinstance(body, str):
        content = body.encode()
    else:
        content = b"" if body is None else json.dumps(body).encode()
        given.setdefault("content-type", "application/json")
    return HttpResponse(status, given, content, url or "http://scripted.test/")
