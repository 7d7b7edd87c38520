"""Body and headers of a webhook's answer in bytes, as its author means them.

Headers are by lower-case name throughout.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from starlette.types import Receive, Scope, Send

from layers import jsontext
from layers.contract import FileRef, Json
from layers.media import types
from layers.media.answer_body import content_type, written
from layers.media.answer_headers import HeaderValue, sendable
from layers.media.disposition import disposition
from layers.media.set_cookie import limited

JSON_TYPE = "application/json"
JSON_ONLY = {"content-type": JSON_TYPE}
UNKNOWN_TYPE = "application/octet-stream"
NO_BODY = frozenset({204, 304})
Pairs = list[tuple[str, str]]


def content_of(body: Json | bytes, headers: dict[str, HeaderValue]) -> bytes:
    """The body in bytes; what it is is added to ``headers`` where they do not say it.

    A text is sent as it is where the headers name a type, and otherwise as JSON, like any other
    value. Raises UnknownCharset and NotInCharset.
    """
    kind = content_type(headers)
    if isinstance(body, bytes):
        headers.setdefault("content-type", UNKNOWN_TYPE)
        return body
    if kind is None:
        headers["content-type"] = JSON_TYPE
        return jsontext.dumps(body).encode()
    content = written(body, headers)
    if isinstance(content, bytes):
        return content
    text = content if isinstance(content, str) else jsontext.dumps(content)
    if not text.isascii() and _is_unsaid(kind):
        # A browser takes it for a charset of the reader's region otherwise.
        headers["content-type"] = f"{kind}; charset=utf-8"
    return text.encode()


def name_file(headers: dict[str, HeaderValue], file: FileRef) -> None:
    """Say in the headers what the file is and how it is called, where they do not."""
    headers.setdefault("content-type", file.media_type or UNKNOWN_TYPE)
    header = headers.get("content-disposition")
    headers["content-disposition"] = disposition(
        file.name, header if isinstance(header, str) else None
    )


def pairs_of(headers: dict[str, HeaderValue], path: str) -> Pairs:
    """The headers one by one, each as far as an answer at ``path`` may have it."""
    if headers == JSON_ONLY:
        return [("content-type", JSON_TYPE)]
    found = sendable(headers)
    if "set-cookie" not in headers:
        return found
    first = quote(path.partition("/")[0])
    return [
        (name, limited(value, first) if name == "set-cookie" else value) for name, value in found
    ]


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """An ASGI app that sends a body with exactly these headers and, if it may have one, its length.

    Smaller than a Response of the framework, since this is the busiest path of all.
    """

    content: bytes
    status: int
    headers: Pairs

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer one request."""
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in self.headers]
        if self.status not in NO_BODY:
            raw.append((b"content-length", str(len(self.content)).encode()))
        await send({"type": "http.response.start", "status": self.status, "headers": raw})
        body = b"" if scope["method"] == "HEAD" else self.content
        await send({"type": "http.response.body", "body": body})


def _is_unsaid(kind: str) -> bool:
    return types.media_type(kind).startswith("text/") and types.charset_of(kind) is None
