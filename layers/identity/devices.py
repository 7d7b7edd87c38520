"""Browsers that signed in to an account before: a signed note of ours that they keep."""

from __future__ import annotations

from layers.database.models import User
from layers.identity.tokens import new_token
from layers.vault import Vault

VALID_S = 180 * 86_400.0
PURPOSE = "device"
PARTS = 3


def new_device(vault: Vault, user: User, now: float) -> str:
    """Make a note for a browser that has just signed in."""
    name, issued = new_token(), str(int(now))
    return f"{name}.{issued}.{vault.sign(PURPOSE, _signed(user, name, issued))}"


def known_device(vault: Vault, user: User | None, note: str, now: float) -> str:
    """The name of the browser that brings a note for this account; empty for any other.

    A note is worth nothing after half a year, and after a change of the password. All that it
    gives is attempts of one's own.
    """
    parts = note.split(".")
    if user is None or len(parts) != PARTS or not parts[1].isdecimal():
        return ""
    name, issued, signature = parts
    if not vault.verify(PURPOSE, _signed(user, name, issued), signature):
        return ""
    return name if now < int(issued) + VALID_S else ""


def _signed(user: User, name: str, issued: str) -> str:
    return "\n".join((user.id, user.password_hash, name, issued))
