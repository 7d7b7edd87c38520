"""What cookies a webhook may set (RFC 6265).

Cookies know neither ports nor workspaces: on the app's host a webhook's cookie lies beside the
session's. So each stays below the webhook's own path, on whatever origin.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

BELOW = "/hooks/"
OURS = "treadle"
"""What the names of the product's own cookies begin with."""
MOST = 10
LONGEST = 4096

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_VALUE = re.compile(r"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*")
_PATH = re.compile(r"/[\x20-\x3a\x3c-\x7e]*")
_BARE = frozenset({"httponly", "partitioned", "secure"})
_VALUED = frozenset({"expires", "max-age", "path", "samesite"})


@dataclass(frozen=True)
class Cookie:
    """One cookie. ``attributes`` by lower-case name, without ``path``; None for those bare."""

    name: str
    value: str
    path: str | None
    attributes: dict[str, str | None]


def check(text: str) -> None:
    """Raise ValueError, with the remedy, if a webhook can or may not set this cookie."""
    cookie = read(text)
    path = cookie.path
    if path is not None and not path.startswith(BELOW):
        raise ValueError(
            f"The cookie '{cookie.name}' may not have the path '{path}': use one below '{BELOW}',"
            " or none, for that of the webhook."
        )


def read(text: str) -> Cookie:
    """Take a cookie apart; raises ValueError for what no browser would or should keep."""
    pair, *rest = (part.strip() for part in text.split(";"))
    name, equals, value = (part.strip() for part in pair.partition("="))
    if len(text) > LONGEST:
        raise ValueError(f"A cookie may have {LONGEST} letters at the most; shorten '{name}'.")
    if not equals or not _NAME.fullmatch(name):
        raise ValueError(f"A cookie is written 'name=value; Max-Age=600', not {text[:100]!r}.")
    if not _VALUE.fullmatch(value.removeprefix('"').removesuffix('"')):
        raise ValueError(f"The value of the cookie '{name}' holds {_bad(value)}; encode it.")
    attributes = _attributes(name, [part for part in rest if part])
    path = attributes.pop("path", None)
    _check_name(name, attributes)
    if (attributes.get("samesite") or "").lower() == "none" and "secure" not in attributes:
        raise ValueError(
            f"The cookie '{name}' is kept with 'SameSite=None' only if it is 'Secure'."
        )
    return Cookie(name, value, path or None, attributes)


def limited(text: str, first: str) -> str:
    """The cookie as it is sent: for paths that begin with ``/hooks/``, then ``first``.

    ``first`` is the first part of the webhook's path. A longer path of the cookie's own is kept
    if it lies below that.
    """
    cookie = read(text)
    own = BELOW + first
    path = cookie.path or own
    if path != own and not path.startswith(f"{own}/"):
        path = own
    parts = [f"{cookie.name}={cookie.value}", f"Path={path}"]
    parts += [
        _SPELT[name] if value is None else f"{_SPELT[name]}={value}"
        for name, value in cookie.attributes.items()
    ]
    return "; ".join(parts)


def is_limited(text: str) -> bool:
    """Whether it is a cookie as ``limited`` makes them."""
    try:
        path = read(text).path
    except ValueError:
        return False
    return path is not None and path.startswith(BELOW)


def _attributes(name: str, parts: list[str]) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for part in parts:
        key, _equals, value = (one.strip() for one in part.partition("="))
        low = key.lower()
        if low == "domain":
            raise ValueError(
                f"The cookie '{name}' may not have a 'Domain': other hosts are not the webhook's."
            )
        if low not in _BARE | _VALUED:
            listed = ", ".join(_SPELT.values())
            raise ValueError(f"A cookie has no attribute '{key}' here; it may have {listed}.")
        if low in found:
            raise ValueError(f"The cookie '{name}' has '{key}' twice; remove one.")
        found[low] = None if low in _BARE else _checked(name, low, value)
    return found


def _checked(name: str, attribute: str, value: str) -> str:
    wanted = {
        "max-age": (r"-?[0-9]{1,10}", "a number of seconds"),
        "samesite": (r"(?i:strict|lax|none)", "Strict, Lax or None"),
        "path": (_PATH.pattern, "a path"),
        "expires": (r"[A-Za-z]{3,9}, [0-9A-Za-z: -]{10,40}", "a date such as HTTP writes them"),
    }
    pattern, words = wanted[attribute]
    if not re.fullmatch(pattern, value):
        raise ValueError(f"'{_SPELT[attribute]}' of the cookie '{name}' must be {words}.")
    return value


def _check_name(name: str, attributes: dict[str, str | None]) -> None:
    low = name.lower()
    if low.startswith(("__host-", "__http-")):
        raise ValueError(f"The cookie '{name}' would have to be for the whole host; rename it.")
    if low.startswith("__secure-") and "secure" not in attributes:
        raise ValueError(f"The cookie '{name}' is kept only if it is 'Secure'; add that.")
    if low.removeprefix("__secure-").startswith(OURS):
        raise ValueError(f"The cookie '{name}' has a name of the product's own; rename it.")


def _bad(value: str) -> str:
    bad = next((letter for letter in value if not _VALUE.fullmatch(letter)), value)
    return "a space" if bad == " " else repr(bad)


_SPELT = {
    "expires": "Expires",
    "max-age": "Max-Age",
    "path": "Path",
    "samesite": "SameSite",
    "httponly": "HttpOnly",
    "partitioned": "Partitioned",
    "secure": "Secure",
}
