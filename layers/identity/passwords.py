"""Passwords: argon2id (RFC 9106), a few at a time, because each one costs 64 MiB."""

from __future__ import annotations

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 10
LONGEST = 200
AT_ONCE = 2

_hasher = PasswordHasher()
_slots = threading.BoundedSemaphore(AT_ONCE)


def choose(hasher: PasswordHasher) -> None:
    """Hash with other parameters from now on; hashes that exist hold their own."""
    global _hasher
    _hasher = hasher
    _nobody.cache_clear()


def hash_password(password: str) -> str:
    """Hash a new password; the text holds its own parameters and salt."""
    with _slots:
        return _hasher.hash(password)


def check_password(password: str, password_hash: str | None) -> bool:
    """Compare a password with its hash.

    Takes as long with None (there is no such account), so that time does not tell which
    addresses have one.
    """
    with _slots:
        try:
            _hasher.verify(password_hash or _nobody(), password)
        except (VerificationError, InvalidHashError):
            return False
    return bool(password_hash)


@cache
def _nobody() -> str:
    return _hasher.hash("the password of nobody")
