"""Every credential type that Treadle comes with, one a file: ``credential_type`` in each."""

from __future__ import annotations

from layers.contract import CredentialType
from layers.registry.discovery import declared

CREDENTIAL_TYPES: tuple[CredentialType, ...] = tuple(
    sorted(declared(__name__, "credential_type", CredentialType), key=lambda kind: kind.title)
)
