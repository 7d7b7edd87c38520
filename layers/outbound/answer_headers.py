"""Headers as servers really send them, made into texts."""

from __future__ import annotations

from collections.abc import Iterable

from multidict import CIMultiDictProxy

LONGEST_HEADER = 64 * 1024
"""Bytes of one header, or of the status line: what Python's own client takes as well."""
MOST_HEADERS = 256


def flat(headers: CIMultiDictProxy[str], set_cookies: Iterable[str]) -> dict[str, str]:
    """The headers by lower-case name.

    Several values are joined by commas (RFC 9110 section 5.3). ``Set-Cookie`` values, which hold
    commas of their own, are given apart, and joined by line breaks. Of several content types the
    last one counts, as it does for browsers.
    """
    made: dict[str, str] = {}
    for name, value in headers.items():
        name, value = readable(name).lower(), readable(value)
        if name in made and name != "content-type":
            value = f"{made[name]}, {value}"
        made[name] = value
    made.pop("set-cookie", None)
    cookies = "\n".join(set_cookies)
    return {**made, "set-cookie": cookies} if cookies else made


def set_cookies(headers: CIMultiDictProxy[str]) -> list[str]:
    """The values of ``Set-Cookie``, one by one."""
    return [readable(value) for value in headers.getall("Set-Cookie", ())]


def readable(text: str) -> str:
    """The text of a header that came as UTF-8 or, as RFC 9110 has it, as Latin-1."""
    try:
        text.encode()
    except UnicodeEncodeError:
        # The HTTP library keeps bytes that are no UTF-8 as halves of surrogate pairs.
        return text.encode("utf-8", "surrogateescape").decode("latin-1")
    return text
