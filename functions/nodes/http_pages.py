"""Going through the pages of an answer: which URL comes next, and what a page holds."""

from __future__ import annotations

import re
from typing import Any, Literal, Self
from urllib.parse import urljoin, urlsplit

from pydantic import Field, model_validator

from functions.nodes.http_body import replace_query
from functions.nodes.paths import MISSING, find
from layers.contract import HttpResponse, Json, NodeError, Params

_PARAMETER = r'\s*;\s*([\w*-]+)(?:\s*=\s*(?:"([^"]*)"|([^",;\s]*)))?'
_LINK = re.compile(r"<([^<>]*)>((?:" + _PARAMETER + r")*)")
_PARAMETERS = re.compile(_PARAMETER)


class Pagination(Params):
    """How to get the next page, where a page keeps its items, and when to stop."""

    mode: Literal["none", "next_url", "page", "cursor"] = Field(
        default="none",
        title="Pages",
        description=(
            "next_url: the answer names the next page's URL. page: a query parameter counts up. "
            "cursor: the answer holds a mark that the next request sends as a query parameter."
        ),
        json_schema_extra={"x-widget": "select"},
    )
    items_path: str | None = Field(
        default=None,
        max_length=500,
        title="Items at",
        description=(
            "Where a page keeps its list, such as 'data.orders': each element becomes an item. "
            "An empty text means that the body is the list; null gives one item for each page."
        ),
        examples=["data"],
    )
    next_path: str | None = Field(
        default=None,
        max_length=500,
        title="Next URL at",
        description="Where the body names the next page; null reads the Link header (RFC 8288).",
        examples=["links.next"],
        json_schema_extra={"x-show-when": {"mode": ["next_url"]}},
    )
    cursor_path: str | None = Field(
        default=None,
        max_length=500,
        title="Cursor at",
        description="Where the body holds the mark of the next page; none there ends it.",
        examples=["meta.next_cursor"],
        json_schema_extra={"x-show-when": {"mode": ["cursor"]}},
    )
    parameter: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        title="Query parameter",
        description="What carries the page number or cursor; null for 'page' or 'cursor'.",
        examples=["offset"],
        json_schema_extra={"x-show-when": {"mode": ["page", "cursor"]}},
    )
    start: int = Field(
        default=1,
        ge=0,
        title="First page",
        json_schema_extra={"x-show-when": {"mode": ["page"]}},
    )
    step: int = Field(
        default=1,
        ge=1,
        title="Step",
        description="How much to add for the next page: 1, or the page's size for an offset.",
        json_schema_extra={"x-show-when": {"mode": ["page"]}},
    )
    max_pages: int = Field(
        default=100,
        ge=1,
        le=10_000,
        title="At most",
        description="How many pages to get at most; the step's logs say if there were more.",
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.mode == "page" and self.items_path is None:
            raise ValueError("'page' needs 'items_path': an empty list there ends it.")
        if self.mode == "cursor" and not self.cursor_path:
            raise ValueError("'cursor' needs 'cursor_path': where the body holds the cursor.")
        return self


def first_url(paging: Pagination, url: str) -> str:
    """The URL of the first page."""
    if paging.mode != "page":
        return url
    return replace_query(url, paging.parameter or "page", str(paging.start))


def next_url(
    paging: Pagination, url: str, response: HttpResponse, body: Json, number: int
) -> str | None:
    """The URL after page ``number`` (from 0), which ``url`` gave; None at the end.

    Raises NodeError where the answer does not lead on.
    """
    if paging.mode == "page":
        if not elements(paging, body, number):
            return None
        count = paging.start + (number + 1) * paging.step
        return replace_query(url, paging.parameter or "page", str(count))
    if paging.mode == "cursor":
        cursor = _mark(body, paging.cursor_path or "", "cursor")
        if cursor is None:
            return None
        return _moved(url, replace_query(url, paging.parameter or "cursor", cursor))
    if paging.mode == "next_url":
        if paging.next_path:
            link = _mark(body, paging.next_path, "next URL")
        else:
            link = link_next(response.headers.get("link", ""))
        return None if link is None else _moved(url, urljoin(response.url, link))
    return None


def elements(paging: Pagination, body: Json, number: int) -> list[Any]:
    """The list of items on a page; raises NodeError if there is none at the path."""
    found = find(body, paging.items_path) if paging.items_path else body
    if isinstance(found, list):
        return found
    if found is None:
        return []
    place = f"'{paging.items_path}'" if paging.items_path else "the top of the body"
    state = "nothing" if found is MISSING else "no list"
    raise NodeError(
        f"Page {number + 1} has {state} at {place}; correct 'pagination.items_path'.",
        kind="pagination",
    )


def link_next(header: str) -> str | None:
    """The target of the first link with the relation ``next`` in a Link header (RFC 8288)."""
    for link in _LINK.finditer(header):
        for name, quoted, plain in _PARAMETERS.findall(link[2]):
            if name.lower() == "rel" and "next" in (quoted or plain).lower().split():
                return link[1]
    return None


def origin(url: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port of a URL, the port written out."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _mark(body: Json, path: str, what: str) -> str | None:
    found = find(body, path)
    if found is MISSING or found is None or found is False or found == "":
        return None
    if isinstance(found, (str, int)):
        return str(found)
    raise NodeError(f"The {what} at '{path}' is not a text or a number.", kind="pagination")


def _moved(url: str, following: str) -> str:
    if following == url:
        raise NodeError(
            "The next page is the page itself, so this would never end; correct 'pagination'.",
            kind="pagination",
        )
    return following
