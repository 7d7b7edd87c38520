"""The hosts that a credential may be sent to."""

from __future__ import annotations

from collections.abc import Sequence

from yarl import URL


def matches(pattern: str, url: str) -> bool:
    """Say whether a pattern, such as ``*.example.com`` or ``a.test:8080``, takes in a URL."""
    host = host_of(url).rstrip(".")
    wanted, colon, port = pattern.rpartition(":")
    if not (colon and port.isdecimal()):
        wanted = pattern
    elif int(port) != _port_of(url):
        return False
    if wanted.startswith("*."):
        return host.endswith(wanted[1:])
    return host == wanted.strip("[]")


def host_of(url: str) -> str:
    """The host as it is connected to, names beyond ASCII in their encoded form; empty for none."""
    try:
        return (URL(url).raw_host or "").lower()
    except ValueError:
        return ""


def _port_of(url: str) -> int | None:
    try:
        return URL(url).port
    except ValueError:
        return None


def widens(before: Sequence[str], after: Sequence[str]) -> bool:
    """Say whether a list of allowed hosts lets a secret go where it could not go before."""
    return not all(any(_covers(wide, one) for wide in before) for one in after)


def _covers(wide: str, narrow: str) -> bool:
    """Whether everything that one pattern takes in is taken in by another."""
    wide_host, wide_port = _parts(wide)
    host, port = _parts(narrow)
    if wide_port not in ("", port):
        return False
    return host == wide_host or (wide_host.startswith("*.") and host.endswith(wide_host[1:]))


def _parts(pattern: str) -> tuple[str, str]:
    host, _, port = pattern.strip().lower().partition(":")
    return host, port
