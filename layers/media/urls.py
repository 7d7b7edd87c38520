"""Changing a URL's query without touching what else is written in it."""

from __future__ import annotations

from urllib.parse import unquote_plus, urlencode


def query_of(url: str) -> tuple[str, str]:
    """What stands before a URL's query, and the query; a fragment is never sent."""
    before, _, query = url.partition("#")[0].partition("?")
    return before, query


def replace_query(url: str, name: str, value: str) -> str:
    """Set one parameter of a URL, in place of any of the same name."""
    before, former = query_of(url)
    others = [part for part in former.split("&") if part and unquote_plus(_name(part)) != name]
    return f"{before}?{'&'.join([*others, urlencode({name: value})])}"


def _name(part: str) -> str:
    return part.partition("=")[0]
