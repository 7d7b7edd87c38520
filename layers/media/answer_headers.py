"""Which headers the author of a webhook may put on its answers, and why not the others.

A webhook's answers come from an origin that is not its author's alone: from the app's, or from one
that all workspaces share. What speaks for a whole origin is therefore not the author's to say.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from layers.media import charsets, set_cookie, types

HeaderValue = str | Sequence[str]

NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
NOT_IN_A_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]|[^\x00-\xff]")
LONGEST = 8192

_CONNECTION = "is the server's own"
_PROTECTION = "is set by the server, so that an answer has no rights beyond itself"
_ORIGIN = "would hold for everything at this origin, which is not the webhook's alone"
_PROXY = "is an order to a proxy in front of this instance"
_REASONS = {
    _CONNECTION: (
        *("connection", "content-length", "content-range", "date", "http2-settings"),
        *("keep-alive", "te", "trailer", "transfer-encoding", "upgrade"),
    ),
    _PROTECTION: (
        *("content-security-policy", "content-security-policy-report-only"),
        *("x-content-type-options", "document-isolation-policy"),
    ),
    _ORIGIN: (
        *("accept-ch", "accept-ch-lifetime", "activate-storage-access", "alt-svc", "alt-used"),
        *("clear-site-data", "critical-ch", "critical-origin-trial", "dictionary-id", "expect-ct"),
        *("nel", "observe-browsing-topics", "origin-agent-cluster", "origin-trial"),
        *("public-key-pins", "public-key-pins-report-only", "report-to", "reporting-endpoints"),
        *("service-worker-allowed", "set-cookie2", "set-login", "shared-storage-write"),
        *("speculation-rules", "strict-transport-security", "supports-loading-mode"),
        *("use-as-dictionary", "www-authenticate", "authentication-info"),
    ),
    _PROXY: ("x-lighttpd-send-file", "x-reproxy-url", "x-sendfile"),
    "only sends browsers elsewhere; use a status of 3xx and 'Location'": ("refresh",),
    "is for scripts, which an answer cannot run": ("sourcemap", "x-sourcemap"),
}
_PREFIXES = {
    "access-control-": "is set by the webhook's 'allowed_origins'",
    "cross-origin-": _PROTECTION,
    "proxy-": _PROXY,
    "x-accel-": _PROXY,
    "sec-": _ORIGIN,
    "secure-session-": _ORIGIN,
    "attribution-reporting-": _ORIGIN,
    "ad-auction-": _ORIGIN,
}
REFUSED = {name: reason for reason, names in _REASONS.items() for name in names}
ONCE = frozenset(
    {
        *("content-type", "content-disposition", "content-encoding", "content-location"),
        *("etag", "last-modified", "location", "retry-after", "expires", "age"),
    }
)
LOADING = frozenset(
    {
        *("preload", "modulepreload", "preconnect", "dns-prefetch", "prefetch", "prerender"),
        *("compression-dictionary", "expect"),
    }
)
"""Relations by which a browser fetches or keeps something at the word of a header alone."""
PARTED = frozenset({"multipart/x-mixed-replace", "multipart/mixed", "multipart/related"})
"""Types of which browsers take each part for an answer of its own, with headers of its own."""


def refusal(name: str) -> str | None:
    """Why no answer may have this header, as the end of a sentence; None where it may."""
    low = name.lower()
    if (reason := REFUSED.get(low)) is not None:
        return reason
    # Few begin so, and this is asked for every header of every answer.
    head, dash, _rest = low.partition("-")
    if not dash or head not in _HEADS:
        return None
    return next((why for prefix, why in _PREFIXES.items() if low.startswith(prefix)), None)


_HEADS = frozenset(prefix.partition("-")[0] for prefix in _PREFIXES)


def pairs(headers: Mapping[str, HeaderValue]) -> list[tuple[str, str]]:
    """Every header by itself: a list of values becomes a header for each of them."""
    return [
        (name, value)
        for name, given in headers.items()
        for value in ((given,) if isinstance(given, str) else given)
    ]


def mistakes(headers: Mapping[str, HeaderValue]) -> Iterator[tuple[str, str]]:
    """Names of headers that no answer can or may have so, each with what is wrong about it."""
    seen: set[str] = set()
    for name, given in headers.items():
        try:
            _check_name(name, seen)
            _check_values(name, given)
        except ValueError as error:
            yield name, str(error)
        seen.add(name.lower())


def check(headers: Mapping[str, HeaderValue]) -> None:
    """Raise ValueError, with the remedy, for the first of the mistakes."""
    for _name, message in mistakes(headers):
        raise ValueError(message)


@lru_cache(maxsize=2000)
def _wrong_name(name: str) -> str | None:
    if not NAME.fullmatch(name):
        return f"'{name}' is not a header name; use letters, digits and '-'."
    why = refusal(name)
    return None if why is None else f"'{name}' {why}; remove it."


def _check_name(name: str, seen: Container[str]) -> None:
    if (wrong := _wrong_name(name)) is not None:
        raise ValueError(wrong)
    if name.lower() in seen:
        raise ValueError(f"'{name}' stands there twice; write its values as one list.")


def _check_values(name: str, given: HeaderValue) -> None:
    values = (given,) if isinstance(given, str) else given
    low = name.lower()
    if low in ONCE and len(values) != 1:
        raise ValueError(f"'{name}' can have one value only.")
    if low == "set-cookie" and len(values) > set_cookie.MOST:
        raise ValueError(f"An answer may set {set_cookie.MOST} cookies at the most.")
    for value in values:
        # What holds an expression is looked at when there is a value.
        if "{{" not in value:
            check_value(name, value)


def check_value(name: str, value: str) -> None:
    """Raise ValueError if the header can or may not have this value."""
    if len(value) > LONGEST:
        raise ValueError(f"The value of '{name}' is longer than {LONGEST} letters; shorten it.")
    if NOT_IN_A_VALUE.search(value):
        raise ValueError(
            f"The value of '{name}' holds a line break, a control character or a letter outside"
            " Latin-1; encode it."
        )
    look_at = _VALUES.get(name.lower())
    if look_at is not None:
        look_at(value)


def sendable(headers: Mapping[str, HeaderValue]) -> list[tuple[str, str]]:
    """The headers that may be sent: what was saved under older rules is left out."""
    wrong = {name for name, _message in mistakes(headers)}
    return pairs({name: given for name, given in headers.items() if name not in wrong})


def leads_away(value: str) -> bool:
    """Whether a ``Location`` is anything but a web address: script, data, a file."""
    try:
        scheme = urlsplit(value.strip()).scheme.lower()
    except ValueError:
        return True
    return scheme not in {"", "http", "https"}


def makes_load(value: str) -> bool:
    """Whether a ``Link`` has the browser fetch something at once (RFC 8288)."""
    found = re.findall(r";\s*rel\s*=\s*(\"[^\"]*\"|[^\s;,]+)", value, re.IGNORECASE)
    return any(LOADING & set(one.strip('"').lower().split()) for one in found)


def _location(value: str) -> None:
    if leads_away(value):
        raise ValueError("'Location' must be a web address, or a path at this origin.")


def _link(value: str) -> None:
    if makes_load(value):
        listed = ", ".join(sorted(LOADING))
        raise ValueError(f"A 'Link' may not have browsers load something: no rel of {listed}.")


def _content_type(value: str) -> None:
    kind = types.media_type(value)
    if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9a-z-]+/[!#$%&'*+.^_`|~0-9a-z-]+", kind) or "," in value:
        raise ValueError(
            f"'Content-Type' must be one type, such as 'text/plain; charset=utf-8', not {value!r}."
        )
    if kind in PARTED:
        raise ValueError(
            f"'Content-Type' may not be {kind}: its parts would be answers themselves."
        )
    charset = types.charset_of(value)
    if charset:
        charsets.find(charset)


_VALUES = {
    "location": _location,
    "link": _link,
    "content-type": _content_type,
    "set-cookie": set_cookie.check,
}
