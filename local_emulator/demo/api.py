"""A person's session with the public API, by the standard library alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http.client import HTTPException
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

CSRF_COOKIE = "treadle_csrf"
CSRF_HEADER = "X-CSRF-Token"
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Answer:
    """A status and the body, read as JSON where it is JSON."""

    status: int
    body: Any


class Refused(Exception):
    """The API said no; the text is its own."""


class Api:
    """Calls ``/api/v1`` of one instance, and remembers who signed in."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._cookies = CookieJar()
        # No proxy: the instance is on this machine.
        self._opener = build_opener(HTTPCookieProcessor(self._cookies), ProxyHandler({}))

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Call the API and return the body; raises Refused for every 4xx and 5xx."""
        answer = self.send(method, f"/api/v1{path}", body)
        if answer.status >= 400:
            raise Refused(f"{method} {path}: {answer.status} {_detail(answer.body)}")
        return answer.body

    def send(self, method: str, path: str, body: object = None) -> Answer:
        """Send a request and return whatever comes back."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        cookies = {cookie.name: cookie.value or "" for cookie in self._cookies}
        if CSRF_COOKIE in cookies:
            headers[CSRF_HEADER] = cookies[CSRF_COOKIE]
        data = None if body is None else json.dumps(body).encode()
        request = Request(self._url + path, data=data, headers=headers, method=method)  # noqa: S310
        try:
            with self._opener.open(request, timeout=PATIENCE_S) as response:
                return Answer(response.status, _read(response.read()))
        except HTTPError as error:
            with error:
                return Answer(error.code, _read(error.read()))
        except (OSError, HTTPException) as error:
            raise Refused(f"{method} {path}: {error}") from error

    def everything(self, path: str) -> list[Any]:
        """All items of a list, page after page."""
        found: list[Any] = []
        cursor = ""
        while True:
            page = self.call("GET", f"{path}?limit=100" + (f"&cursor={cursor}" if cursor else ""))
            found += page["items"]
            cursor = page.get("next_cursor") or ""
            if not cursor:
                return found


def _read(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return content.decode(errors="replace")


def _detail(body: Any) -> str:
    if not isinstance(body, dict):
        return str(body)
    fields = "; ".join(f"{e['pointer']}: {e['message']}" for e in body.get("errors") or [])
    return f"{body.get('detail') or body.get('title')} {fields}".strip()
