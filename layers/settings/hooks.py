"""The origin of webhooks, where that is not the app's."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from layers.errors import SetupError

HOOKS_URL = "TREADLE_HOOKS_URL"
DEFAULT_PORTS = {"http": 80, "https": 443}
Origin = tuple[str, str, int]


def load_hooks_url(env: Mapping[str, str], public_url: str) -> str:
    """Read where webhooks are reached; empty where that is the app's own origin.

    Raises SetupError for what is no origin, such as an address with a path.
    """
    text = env.get(HOOKS_URL, "").strip().rstrip("/")
    if not text:
        return ""
    try:
        ours = origin_of(text)
        rest = urlsplit(text)
    except ValueError as error:
        raise _unusable(text) from error
    if rest.path or rest.query or rest.fragment or "@" in rest.netloc:
        raise _unusable(text)
    try:
        return "" if ours == origin_of(public_url) else text
    except ValueError:
        return text


def origin_of(address: str) -> Origin:
    """Scheme, host and port (RFC 6454); raises ValueError for what is no web address."""
    parts = urlsplit(address)
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        raise ValueError(f"{address!r} is no web address")
    return parts.scheme, parts.hostname, parts.port or DEFAULT_PORTS[parts.scheme]


def _unusable(text: str) -> SetupError:
    return SetupError(
        f"{HOOKS_URL} must be an origin of its own, such as https://hooks.example.org or"
        f" http://127.0.0.1:8709, with no path; it is {text!r}."
    )
