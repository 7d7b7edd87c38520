"""Where a run may go: ``host:port`` patterns, read once and asked for every connection."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from layers.outbound.addresses import literal

_NAME = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
MOST_PATTERNS = 100


class BadDestination(ValueError):
    """A text that is no destination; the message says what one looks like."""


@dataclass(frozen=True)
class Pattern:
    """One allowed destination; port None is any port."""

    host: str
    below: bool
    port: int | None

    def matches(self, host: str, port: int) -> bool:
        """Say whether a host in its usual spelling is meant."""
        if self.port not in (None, port):
            return False
        return host.endswith("." + self.host) if self.below else host == self.host


@dataclass(frozen=True)
class Destinations:
    """A run's allow-list, and its digest: sandboxes are never shared between two lists."""

    patterns: tuple[Pattern, ...]
    digest: str

    def allow(self, host: str, port: int) -> bool:
        """Say whether this list names the destination."""
        return any(pattern.matches(host, port) for pattern in self.patterns)


NOWHERE = Destinations((), hashlib.sha256(b"").hexdigest())
"""No destination at all."""


def read_destinations(texts: Sequence[str]) -> Destinations:
    """Read an allow-list; raises BadDestination for the first text that is none."""
    if len(texts) > MOST_PATTERNS:
        raise BadDestination(f"may have {MOST_PATTERNS} destinations at most")
    patterns = tuple(read_pattern(text) for text in texts)
    spelled = "\n".join(sorted({str(pattern) for pattern in patterns}))
    return Destinations(patterns, hashlib.sha256(spelled.encode()).hexdigest())


def read_pattern(text: str, *, port_needed: bool = True) -> Pattern:
    """Read ``host:port``, ``*.host:port`` or ``host:*``; the port may be left out if not needed."""
    host, colon, port = text.strip().lower().rpartition(":")
    if not colon or (not port_needed and not (port == "*" or port.isdecimal())):
        if port_needed:
            raise _bad(text)
        host, port = text.strip().lower(), "*"
    below = host.startswith("*.")
    try:
        plain = usual_host(host[2:] if below else host)
    except ValueError as error:
        raise _bad(text) from error
    if port == "*":
        return Pattern(plain, below, None)
    if not port.isdecimal() or len(port) > 5 or not 0 < int(port) < 65536:
        raise _bad(text)
    return Pattern(plain, below, int(port))


def any_matches(patterns: Iterable[Pattern], host: str, port: int) -> bool:
    """Say whether one of the patterns means the destination."""
    return any(pattern.matches(host, port) for pattern in patterns)


def usual_host(host: str) -> str:
    """Return a host's one spelling: lower case, no dot at the end, addresses as usual.

    Raises ValueError for what is neither a name nor an address.
    """
    bare = host.lower()
    if bare.startswith("[") and bare.endswith("]"):
        bare = bare[1:-1]
        if ":" not in bare:
            raise ValueError("only IPv6 addresses stand in brackets")
    bare = bare.removesuffix(".")
    address = literal(bare)
    if address is not None:
        return str(address)
    if len(bare) > 253 or not _NAME.fullmatch(bare):
        raise ValueError("not a host name")
    return bare


def _bad(text: str) -> BadDestination:
    return BadDestination(
        f"{text[:100]!r} is no destination; write for example 'api.example.com:443', "
        "'*.example.com:443' or 'db.internal:*'"
    )
