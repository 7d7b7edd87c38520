"""A stored file as an answer: in pieces, whole or a range of it (RFC 9110 sections 13 and 14)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from layers.artifacts.pieces import pieces
from layers.artifacts.port import ArtifactStore
from layers.contract import FileRef

RANGE = re.compile(r"bytes=\s*([0-9]*)\s*-\s*([0-9]*)\s*", re.IGNORECASE)
Pairs = list[tuple[str, str]]


class Unsatisfiable(Exception):
    """The range has no byte of the file."""


@dataclass(frozen=True)
class StoredFile:
    """A file of a workspace, and where its bytes are."""

    store: ArtifactStore
    workspace_id: str
    file: FileRef


class FileAnswer:
    """An ASGI app that sends a file, and never holds more of it than a piece.

    The whole file is checked against its digest on the way: where it is damaged the connection
    breaks before the end, so that nobody takes it for whole. ``headers`` hold a content type.
    """

    def __init__(self, stored: StoredFile, status: int, headers: Pairs) -> None:
        self._stored = stored
        self._status = status
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; raises ArtifactUnavailable if the file is gone."""
        size = self._stored.file.size
        etag = f'"{self._stored.file.key}"'
        asked = Headers(scope=scope)
        status, start, end = self._status, 0, size
        headers: Pairs = list(self._headers)
        if status == 200 and scope["method"] in {"GET", "HEAD"}:
            headers += [("etag", etag), ("accept-ranges", "bytes")]
            if _is_known(asked, etag):
                await _begin(send, 304, headers)
                return
            try:
                found = _range(scope["method"], asked, etag, size)
            except Unsatisfiable:
                headers += [("content-range", f"bytes */{size}"), ("content-length", "0")]
                await _begin(send, 416, headers)
                return
            if found is not None:
                status, (start, end) = 206, found
                headers.append(("content-range", f"bytes {start}-{end - 1}/{size}"))
        headers.append(("content-length", str(end - start)))
        if scope["method"] == "HEAD":
            await _begin(send, status, headers)
            return
        await self._send(send, status, headers, (start, end))

    async def _send(self, send: Send, status: int, headers: Pairs, span: tuple[int, int]) -> None:
        stored = self._stored
        sent = pieces(stored.store, stored.workspace_id, stored.file.key, stored.file.size, span)
        # The first piece is read before anything is said: a file that is gone is an error yet.
        first = await anext(sent, b"")
        await _begin(send, status, headers, more=True)
        await send({"type": "http.response.body", "body": first, "more_body": True})
        async for piece in sent:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _is_known(asked: Headers, etag: str) -> bool:
    given = asked.get("if-none-match")
    if given is None:
        return False
    tags = [tag.strip().removeprefix("W/") for tag in given.split(",")]
    return given.strip() == "*" or etag in tags


def _range(method: str, asked: Headers, etag: str, size: int) -> tuple[int, int] | None:
    """First byte and the one behind the last; None for the whole file.

    Several ranges, and what is no range of bytes, are answered with the whole file, as RFC 9110
    section 14.2 allows.
    """
    given = asked.get("range")
    if given is None or method != "GET" or asked.get("if-range", etag).strip() != etag:
        return None
    match = RANGE.fullmatch(given.strip())
    if match is None or len(given) > 100:
        return None
    first, last = match.groups()
    if first:
        start, end = int(first), min(int(last) + 1 if last else size, size)
        if last and int(last) < int(first):
            return None
    elif last:
        start, end = max(0, size - int(last)), size
    else:
        return None
    if start >= size or start >= end:
        raise Unsatisfiable
    return start, end


async def _begin(send: Send, status: int, headers: Pairs, *, more: bool = False) -> None:
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    if not more:
        await send({"type": "http.response.body", "body": b"", "more_body": False})
