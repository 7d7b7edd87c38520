"""The pages of an answer: how they are asked for, and what one holds."""

from __future__ import annotations

import re
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import ConfigDict, Field, model_validator

from functions.nodes.paths import MISSING, find
from layers.contract import Expression, Json, NodeError, Parameter, Params, Template, Widget

_PARAMETER = r'\s*;\s*([\w*-]+)(?:\s*=\s*(?:"([^"]*)"|([^",;\s]*)))?'
_LINK = re.compile(r"<([^<>]*)>((?:" + _PARAMETER + r")*)")
_PARAMETERS = re.compile(_PARAMETER)


class Pagination(Params):
    """How to get the next page, where a page keeps its items, and when to stop."""

    model_config = ConfigDict(serialize_by_alias=True)

    mode: Literal["none", "next_url", "page", "cursor", "expression"] = Parameter(
        default="none",
        title="Pages",
        description=(
            "next_url: the answer names the next page's URL. page: a parameter counts up. cursor: "
            "the answer holds a mark that the next request sends. expression: you say what the "
            "next request changes."
        ),
        widget=Widget.SELECT,
    )
    items_path: str | None = Parameter(
        default=None,
        max_length=500,
        title="Items at",
        description=(
            "Where a page keeps its list, such as 'data.orders': each element becomes an item. "
            "An empty text means that the body is the list; null gives one item for each page."
        ),
        examples=["data"],
    )
    next_path: str | None = Parameter(
        default=None,
        max_length=500,
        title="Next URL at",
        description="Where the body names the next page; null reads the Link header (RFC 8288).",
        examples=["links.next"],
        show_when={"mode": ["next_url"]},
    )
    cursor_path: str | None = Parameter(
        default=None,
        max_length=500,
        title="Cursor at",
        description="Where the body holds the mark of the next page; none there ends it.",
        examples=["meta.next_cursor"],
        show_when={"mode": ["cursor"]},
    )
    parameter: str | None = Parameter(
        default=None,
        min_length=1,
        max_length=200,
        title="Parameter",
        description=(
            "What carries the page number or cursor; null for 'page' or 'cursor'. In the body: the "
            "field, such as 'variables.after'."
        ),
        examples=["offset"],
        show_when={"mode": ["page", "cursor"]},
    )
    place: Literal["query", "body", "header"] = Parameter(
        default="query",
        alias="in",
        title="Where it goes",
        description="Into the query, the body (a JSON object or a form), or a header.",
        widget=Widget.SELECT,
        show_when={"mode": ["page", "cursor"]},
    )
    next_request: Template[Any] = Parameter(
        default=None,
        validate_default=True,
        title="Next request",
        description=(
            "What the next request changes: an object with url, query, headers or body; null ends "
            "it. 'response' is the answer (status, headers, body), 'page' its number from 1."
        ),
        examples=[{"body": {"variables": {"after": "{{ response.body.next }}"}}}],
        show_when={"mode": ["expression"]},
    )
    end_when: Expression[bool] | None = Parameter(
        default=None,
        title="Ends when",
        description=(
            "After a page for which this is true no further one is asked for; 'response' is its "
            "answer (status, headers, body), 'page' its number from 1."
        ),
        examples=["not response.body.has_more"],
    )
    start: int = Field(
        default=1,
        ge=0,
        title="First page",
        json_schema_extra={"x-show-when": {"mode": ["page"]}},
    )
    step: int = Parameter(
        default=1,
        ge=1,
        title="Step",
        description="How much to add for the next page: 1, or the page's size for an offset.",
        show_when={"mode": ["page"]},
    )
    max_pages: int = Parameter(
        default=100,
        ge=1,
        le=10_000,
        title="At most",
        description="How many pages to get at most; the step's logs say if there were more.",
    )
    if_page_fails: Literal["fail", "keep"] = Parameter(
        default="fail",
        title="If a later page fails",
        description=(
            "fail: the item fails, and the error says how many pages and items there were. keep: "
            "once it is not tried again, what the pages before gave goes on, and a last item tells "
            "the 'error'."
        ),
        widget=Widget.SELECT,
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.mode == "page" and self.items_path is None:
            raise ValueError("'page' needs 'items_path': an empty list there ends it.")
        if self.mode == "cursor" and not self.cursor_path:
            raise ValueError("'cursor' needs 'cursor_path': where the body holds the cursor.")
        if self.mode == "expression" and self.next_request.source is None:
            raise ValueError("'expression' needs 'next_request': what the next request changes.")
        return self


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
