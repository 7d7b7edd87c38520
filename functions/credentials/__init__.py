"""Every credential type that Treadle comes with, one a file: ``credential_type`` in each."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from layers.contract import CredentialType


def declared() -> tuple[CredentialType, ...]:
    """What the modules of this package declare, by title."""
    names = sorted(found.name for found in pkgutil.iter_modules(__path__))
    modules = [import_module(f"{__name__}.{name}") for name in names]
    found: list[CredentialType] = [module.credential_type for module in modules]
    return tuple(sorted(found, key=lambda kind: kind.title))


CREDENTIAL_TYPES: tuple[CredentialType, ...] = declared()
