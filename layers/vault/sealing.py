"""AES-256-GCM with everything that must not be swapped bound in as associated data."""

from __future__ import annotations

import binascii
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = "v1"
NONCE_BYTES = 12


class SealBroken(Exception):
    """A sealed text does not open: it was changed, moved, or sealed with another key."""


def seal(key: bytes, key_id: str, associated: bytes, plaintext: bytes) -> str:
    """Encrypt to ``v1.<key id>.<nonce>.<ciphertext>``."""
    nonce = os.urandom(NONCE_BYTES)
    ciphertext = AESGCM(key).encrypt(nonce, plaintext, associated)
    return ".".join((VERSION, key_id, _text(nonce), _text(ciphertext)))


def open_sealed(key: bytes, associated: bytes, sealed: str) -> bytes:
    """Decrypt; raises SealBroken."""
    parts = sealed.split(".")
    if len(parts) != 4 or parts[0] != VERSION:
        raise SealBroken("The sealed text has an unknown format.")
    try:
        return AESGCM(key).decrypt(_bytes(parts[2]), _bytes(parts[3]), associated)
    except (InvalidTag, ValueError, binascii.Error) as error:
        raise SealBroken("The sealed text does not open with this key at this place.") from error


def key_id_of(sealed: str) -> str:
    """The id of the key that sealed the text."""
    parts = sealed.split(".")
    return parts[1] if len(parts) == 4 else ""


def bind(*parts: str) -> bytes:
    """Join parts to associated data such that no two lists of parts give the same bytes."""
    return "|".join(f"{len(part)}:{part}" for part in parts).encode()


def _text(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
