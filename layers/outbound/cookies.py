"""The cookies of requests that belong together: one chain of redirects, one pagination."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from aiohttp import CookieJar
from yarl import URL

from layers.contract import Cookies

# The usual way to delete a cookie; the library takes the moment 0 for none at all.
_EPOCH = re.compile(r"(;\s*expires\s*=[^;]*1970 00:00:0)0", re.IGNORECASE)


class Jar:
    """Keeps what servers set, and says what goes on to whom (RFC 6265).

    Domain, path, Secure and expiry decide; a cookie of one site is never sent to another. What
    the author sends as ``Cookie`` goes along, except for names that a server has set anew.
    """

    def __init__(self) -> None:
        # ``unsafe`` only means that hosts which are addresses may have cookies as well.
        self._kept = CookieJar(unsafe=True, quote_cookie=False)

    @staticmethod
    def of(cookies: Cookies | None) -> Jar:
        """The jar that these requests share; one of its own for a request that shares none."""
        if cookies is None:
            return Jar()
        if not isinstance(cookies.kept, Jar):
            cookies.kept = Jar()
        return cookies.kept

    def take(self, values: Sequence[str], url: URL) -> None:
        """Keep what an answer of this URL has set (its ``Set-Cookie`` values)."""
        host = url.raw_host or ""
        taken = [_EPOCH.sub(r"\g<1>1", value) for value in values if _may_set(value, host)]
        self._kept.update_cookies_from_headers(taken, url)
        for cookies in self._kept.cookies.values():
            for name, one in cookies.items():
                # Quotes belong to the value (RFC 6265 section 5.2): they go back as they came.
                one.set(name, one.coded_value, one.coded_value)

    def added(self, headers: Mapping[str, str], url: URL) -> dict[str, str]:
        """The headers of a request to this URL, with the cookies that belong there."""
        found = {name: one.coded_value for name, one in self._kept.filter_cookies(url).items()}
        if not found:
            return dict(headers)
        own = [value for name, value in headers.items() if name.lower() == "cookie"]
        given = [pair.strip() for value in own for pair in value.split(";") if pair.strip()]
        pairs = [pair for pair in given if pair.partition("=")[0].strip() not in found]
        pairs += [f"{name}={value}" for name, value in found.items()]
        others = {name: value for name, value in headers.items() if name.lower() != "cookie"}
        return {**others, "Cookie": "; ".join(pairs)}


def _may_set(value: str, host: str) -> bool:
    """Whether its Domain is more than a top-level domain, which would be other sites' as well."""
    for attribute in value.split(";")[1:]:
        name, _, domain = attribute.partition("=")
        domain = domain.strip().strip(".").lower()
        if name.strip().lower() == "domain" and "." not in domain and domain != host.lower():
            return False
    return not any(letter < " " and letter != "\t" for letter in value)
