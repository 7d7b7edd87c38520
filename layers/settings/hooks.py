"""The origin of webhooks, where that is not the app's."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from layers.errors import SetupError

HOOKS_URL = "TREADLE_HOOKS_URL"
HOOKS_PORT = "TREADLE_HOOKS_PORT"
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


def load_hooks_port(
    env: Mapping[str, str], hooks_url: str, public_url: str, port: int
) -> int | None:
    """Read which second port to listen on; None where the first one serves all.

    If it is not named, it is that of an address on the app's own host without TLS: what ends TLS
    stands in front and passes on to the first one. Raises SetupError.
    """
    text = env.get(HOOKS_PORT, "").strip()
    if text:
        if not text.isdigit() or not 0 < int(text) < 65536 or int(text) == port:
            raise SetupError(f"{HOOKS_PORT} must be a port of its own, not {text!r}.")
        if not hooks_url:
            raise SetupError(f"{HOOKS_PORT} is set without {HOOKS_URL}; name the address as well.")
        return int(text)
    if not hooks_url:
        return None
    scheme, host, wanted = origin_of(hooks_url)
    same = scheme == "http" and host == urlsplit(public_url).hostname
    return wanted if same and wanted != port else None


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
