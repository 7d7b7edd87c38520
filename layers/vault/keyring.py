"""The key ring: master keys derived from the texts in ``TREADLE_SECRET_KEYS``."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from layers.errors import SetupError

SHORTEST_KEY = 16


@dataclass(frozen=True)
class MasterKey:
    """One key of the ring. ``id`` is a short fingerprint that is safe to show."""

    id: str
    encryption: bytes
    signing: bytes

    @classmethod
    def derive(cls, text: str) -> MasterKey:
        """Derive the keys from a text of at least 16 characters (HKDF-SHA256, RFC 5869)."""
        secret = text.encode()
        return cls(
            id=hashlib.sha256(_hkdf(secret, b"treadle key id")).hexdigest()[:12],
            encryption=_hkdf(secret, b"treadle key encryption"),
            signing=_hkdf(secret, b"treadle signatures"),
        )


class KeyRing:
    """The first key encrypts and signs; every key decrypts and verifies."""

    def __init__(self, texts: Sequence[str]) -> None:
        if not texts:
            raise SetupError(
                "TREADLE_SECRET_KEYS is not set: give it a random text of at least "
                f"{SHORTEST_KEY} characters, and keep a copy of it in a safe place."
            )
        if any(len(text) < SHORTEST_KEY for text in texts):
            raise SetupError(
                "A key in TREADLE_SECRET_KEYS is too short: each of the comma-separated keys "
                f"needs at least {SHORTEST_KEY} characters."
            )
        self._keys = {key.id: key for key in map(MasterKey.derive, texts)}
        self.first = next(iter(self._keys.values()))

    def __iter__(self) -> Iterator[MasterKey]:
        return iter(self._keys.values())

    def find(self, key_id: str) -> MasterKey | None:
        """Return the key with this id, or None if it is not on the ring."""
        return self._keys.get(key_id)


def _hkdf(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=b"treadle/v1", info=purpose).derive(secret)
