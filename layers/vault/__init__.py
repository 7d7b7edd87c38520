"""Secrets at rest: key ring, then a key for each workspace, then each row sealed to its place."""

from layers.vault.fingerprint import check_fingerprint, rewrap
from layers.vault.keyring import KeyRing
from layers.vault.vault import Row, SealBroken, Vault, WorkspaceKey

__all__ = [
    "KeyRing",
    "Row",
    "SealBroken",
    "Vault",
    "WorkspaceKey",
    "check_fingerprint",
    "rewrap",
]
