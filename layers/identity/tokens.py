"""Random tokens: opaque, 256 bits, kept by us as a SHA-256 only."""

from __future__ import annotations

import hashlib
import secrets
import zlib

KEY_PREFIX = "tdl_"
SHOWN = 10
"""How many characters of an API key its owner sees again."""
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BODY, _CHECK = 43, 6


def new_token() -> str:
    """Make a token for a session or against request forgery."""
    return secrets.token_urlsafe(32)


def new_api_key() -> str:
    """Make an API key: ``tdl_``, 256 random bits, and a checksum that finds typing mistakes."""
    body = _base62(int.from_bytes(secrets.token_bytes(32), "big"), _BODY)
    return KEY_PREFIX + body + _checksum(body)


def is_api_key(text: str) -> bool:
    """Say whether a text has the form and checksum of an API key, which costs no look-up."""
    body = text[len(KEY_PREFIX) : -_CHECK]
    if len(text) != len(KEY_PREFIX) + _BODY + _CHECK or not text.startswith(KEY_PREFIX):
        return False
    return body.isascii() and body.isalnum() and text.endswith(_checksum(body))


def token_hash(token: str) -> str:
    """What a token is kept as. The token is random, so that a fast hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), _CHECK)


def _base62(number: int, width: int) -> str:
    digits: list[str] = []
    while number:
        number, digit = divmod(number, 62)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits)).rjust(width, "0")
