"""The browser app's files: what is asked for and is no endpoint."""

from __future__ import annotations

import mimetypes
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

RESERVED = ("/api/", "/hooks/", "/callbacks/", "/healthz", "/readyz", "/metrics", "/stripe/")
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
NONCE = "__CSP_NONCE__"
YEAR = "public, max-age=31536000, immutable"
FRESH = "no-cache"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; "
    # Browsers write such attributes themselves where somebody types into an editor.
    "style-src-attr 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
)
MISSING = (
    "Treadle serves its API here, but the browser app is not built: run `make setup` in a clone "
    "of the repository (a wheel brings the app along), or point TREADLE_WEB_DIST at built files.\n"
)


@dataclass(frozen=True)
class _File:
    """A built file in all the encodings it was built in; there are few, and they stay in memory."""

    content: bytes
    media_type: str
    cache: str
    encoded: dict[str, bytes] = field(default_factory=dict)


class AppFiles:
    """An ASGI app that serves a built browser app, and leaves all else to ``otherwise``.

    A path that no file has is a page of the app when a browser asks for it: its own router
    says whether there is such a page.
    """

    def __init__(self, folder: Path, otherwise: ASGIApp) -> None:
        self._otherwise = otherwise
        self._files = _files(folder)
        index = self._files.pop("/index.html", None)
        self._index = None if index is None else index.content.decode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a file or the app."""
        response = self._answer(scope) if scope["type"] == "http" else None
        await (response or self._otherwise)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response | None:
        path: str = scope["path"]
        if scope["method"] not in ("GET", "HEAD") or path.startswith(RESERVED):
            return None
        headers = Headers(scope=scope)
        if (file := self._files.get(path)) is not None:
            return _of_file(file, headers.get("accept-encoding", ""))
        if path != "/" and "text/html" not in headers.get("accept", ""):
            return None
        return self._page()

    def _page(self) -> Response:
        if self._index is None:
            return PlainTextResponse(MISSING, 503)
        nonce = secrets.token_urlsafe(16)
        headers = {"content-security-policy": POLICY.format(nonce=nonce), "cache-control": FRESH}
        return Response(self._index.replace(NONCE, nonce), 200, headers, media_type="text/html")


def _of_file(file: _File, accepted: str) -> Response:
    headers = {"cache-control": file.cache, "vary": "Accept-Encoding"}
    offered = {one.split(";")[0].strip() for one in accepted.split(",")}
    for name, _suffix in ENCODINGS:
        if name in offered and name in file.encoded:
            headers["content-encoding"] = name
            return Response(file.encoded[name], 200, headers, media_type=file.media_type)
    return Response(file.content, 200, headers, media_type=file.media_type)


def _files(folder: Path) -> dict[str, _File]:
    found = {}
    suffixes = tuple(suffix for _name, suffix in ENCODINGS)
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.name.startswith(".") or path.name.endswith(suffixes):
            continue
        address = "/" + path.relative_to(folder).as_posix()
        encoded = {
            name: twin.read_bytes()
            for name, suffix in ENCODINGS
            if (twin := path.with_name(path.name + suffix)).is_file()
        }
        media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        # The name of an asset changes with its content.
        cache = YEAR if address.startswith("/assets/") else FRESH
        found[address] = _File(path.read_bytes(), media_type, cache, encoded)
    return found
