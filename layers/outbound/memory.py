"""A client that reaches nothing: it gives scripted answers and keeps what it was asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from layers.contract import HttpRequest, HttpResponse, Json, NodeError

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

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Give the next answer; raises AssertionError if there is none."""
        self.requests.append(request)
        answer = self._answers.pop(0) if self._answers else self._always
        if answer is None:
            raise AssertionError(f"No answer is scripted for {request.method} {request.url}.")
        if isinstance(answer, NodeError):
            raise answer
        return answer(request) if callable(answer) else answer


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
