"""How webhooks' paths are written, compared and matched: pure."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote_to_bytes

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")
ANY = "ANY"


def route_of(method: str, path: str) -> str:
    """The key under which a webhook is registered, such as ``POST orders``."""
    return f"{method.upper()} {path.strip('/')}"


def has_parameters(path: str) -> bool:
    """Whether a part of the path stands for any text, as ``:id`` does in ``contacts/:id``."""
    return any(part.startswith(":") for part in path.split("/"))


def group_of(path: str) -> str | None:
    """What a path with parameters shares with all addresses that it matches; None without any.

    It is the first part, which is always fixed, and the number of parts.
    """
    parts = path.split("/")
    return f"{len(parts)} {parts[0]}" if has_parameters(path) else None


def key_of(path: str) -> str:
    """The path as it is compared between workspaces: in lower case, parameters without names."""
    return "/".join(":" if part.startswith(":") else part.lower() for part in path.split("/"))


def both_match(one: str, other: str) -> bool:
    """Whether there is an address that both paths match; give either paths or both keys."""
    pairs = (one.split("/"), other.split("/"))
    return len(pairs[0]) == len(pairs[1]) and all(
        a == b or a.startswith(":") or b.startswith(":") for a, b in zip(*pairs, strict=True)
    )


def match(path: str, parts: Sequence[str]) -> dict[str, str] | None:
    """The parameters of an address that the path matches; None where it does not."""
    expected = path.split("/")
    if len(expected) != len(parts):
        return None
    found: dict[str, str] = {}
    for name, part in zip(expected, parts, strict=True):
        if name.startswith(":") and part:
            found[name[1:]] = part
        elif name != part:
            return None
    return found


def parts_of(address: str | bytes) -> list[str]:
    """The parts of an address as it was sent, each with its percent-encoding undone (UTF-8)."""
    sent = address.encode() if isinstance(address, str) else address
    return [
        unquote_to_bytes(part).decode("utf-8", "replace") for part in sent.strip(b"/").split(b"/")
    ]
