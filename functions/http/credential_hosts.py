"""The hosts that a credential may be sent to: whether a list lets it go further than another."""

from __future__ import annotations

from collections.abc import Sequence


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
