"""Which request comes after a page: marks put into the query, the body or a header."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin

from functions.nodes.http_body import BodyType, encode_body, header_values, scalar
from functions.nodes.http_pages import Pagination, elements, link_next
from functions.nodes.paths import MISSING, find, put
from layers import jsontext
from layers.contract import HttpRequest, HttpResponse, Json, NodeError, StreamedBody
from layers.media import json_text
from layers.media.types import charset_of, is_form, media_type
from layers.media.urls import replace_query

_CHANGES = ("url", "query", "headers", "body")


def first_page(paging: Pagination, request: HttpRequest) -> HttpRequest:
    """The request for the first page."""
    return _marked(paging, request, paging.start) if paging.mode == "page" else request


def next_page(
    paging: Pagination, request: HttpRequest, response: HttpResponse, body: Json, number: int
) -> HttpRequest | None:
    """The request after page ``number`` (from 0), which ``request`` gave; None at the end.

    Raises NodeError where the answer does not lead on. For the mode ``expression`` see ``changed``.
    """
    if paging.mode == "page":
        if not elements(paging, body, number):
            return None
        return _marked(paging, request, paging.start + (number + 1) * paging.step)
    if paging.mode == "cursor":
        cursor = _mark(body, paging.cursor_path or "", "cursor")
        return None if cursor is None else _marked(paging, request, cursor)
    if paging.mode == "next_url":
        if paging.next_path:
            link = _mark(body, paging.next_path, "next URL")
        else:
            link = link_next(response.headers.get("link", ""))
        return None if link is None else replace(request, url=urljoin(response.url, str(link)))
    return None


def changed(
    request: HttpRequest, changes: Json, answered: str, kind: BodyType
) -> HttpRequest | None:
    """The request with what an expression says of the next one; None where that says nothing.

    ``answered`` is the URL that the last page came from, ``kind`` how bodies are sent.
    """
    if not changes:
        return None
    if not isinstance(changes, Mapping) or not set(changes) <= set(_CHANGES):
        raise NodeError(
            f"'pagination.next_request' must give an object with {', '.join(_CHANGES)}, or null at "
            "the end.",
            kind="pagination",
        )
    url = request.url
    if changes.get("url"):
        url = urljoin(answered, scalar(changes["url"], "next page's URL"))
    for name, value in _object(changes, "query").items():
        url = replace_query(url, name, scalar(value, f"query parameter '{name}'"))
    given = header_values(_object(changes, "headers"))
    replaced = {name.lower() for name in given}
    headers = {n: v for n, v in request.headers.items() if n.lower() not in replaced} | given
    body = request.body
    if "body" in changes:
        body, media = encode_body(changes["body"], kind, charset_of(_type_of(headers)))
        if media is not None and not _type_of(headers):
            headers["Content-Type"] = media
    return replace(request, url=url, headers=headers, body=body)


@dataclass
class Way:
    """The requests that were sent, so that one that comes again ends it."""

    _seen: set[bytes] = field(default_factory=set)

    def go(self, request: HttpRequest) -> None:
        """Note a request; raises NodeError for one that was sent before."""
        headers = {n.lower(): v for n, v in request.headers.items()}
        headers.pop("idempotency-key", None)
        text = jsontext.dumps([request.method, request.url, sorted(headers.items())])
        digest = hashlib.sha256(text.encode() + b"\0" + _told_apart(request)).digest()
        if digest in self._seen:
            raise NodeError(
                "The next page is one that was there already, so this would never end; correct "
                "'pagination'.",
                kind="pagination",
            )
        self._seen.add(digest)


def _marked(paging: Pagination, request: HttpRequest, mark: str | int) -> HttpRequest:
    name = paging.parameter or paging.mode
    match paging.place:
        case "query":
            return replace(request, url=replace_query(request.url, name, str(mark)))
        case "header":
            others = {n: v for n, v in request.headers.items() if n.lower() != name.lower()}
            return replace(request, headers={**others, name: str(mark)})
        case "body":
            return _marked_body(request, name, mark)


def _marked_body(request: HttpRequest, name: str, mark: str | int) -> HttpRequest:
    header = _type_of(request.headers)
    if is_form(media_type(header)):
        charset = charset_of(header) or "utf-8"
        pairs = parse_qsl(_held(request).decode("ascii", "replace"), True, encoding=charset)
        kept = [(field_name, value) for field_name, value in pairs if field_name != name]
        return replace(request, body=urlencode([*kept, (name, mark)], encoding=charset).encode())
    values = _body_of(request, header)
    put(values, name, mark, 0)
    body, media = encode_body(values, "json", charset_of(header))
    headers = request.headers if header else {**request.headers, "Content-Type": str(media)}
    return replace(request, headers=headers, body=body)


def _body_of(request: HttpRequest, header: str) -> dict[str, Any]:
    values: Any = None
    with suppress(ValueError):
        values = json_text.read(_held(request), charset_of(header)) if request.body else {}
    if not isinstance(values, dict):
        raise NodeError(
            "'pagination.in' is 'body', so the body must be a JSON object or a form.",
            kind="pagination",
        )
    return values


def _told_apart(request: HttpRequest) -> bytes:
    """What is the same for the same body."""
    body = request.body
    return body.digest.encode() if isinstance(body, StreamedBody) else body or b""


def _held(request: HttpRequest) -> bytes:
    """The body, where it can be changed; one that is streamed holds files, and is no form."""
    return b"" if isinstance(request.body, StreamedBody) else request.body or b""


def _mark(body: Json, path: str, what: str) -> str | int | None:
    found = find(body, path)
    if found is MISSING or found is None or found is False or found == "":
        return None
    if isinstance(found, (str, int)):
        return found
    raise NodeError(f"The {what} at '{path}' is not a text or a number.", kind="pagination")


def _object(changes: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    value = changes.get(name) or {}
    if not isinstance(value, Mapping):
        raise NodeError(
            f"'{name}' of 'pagination.next_request' must be an object.", kind="pagination"
        )
    return value


def _type_of(headers: Mapping[str, str]) -> str:
    return next((value for name, value in headers.items() if name.lower() == "content-type"), "")
