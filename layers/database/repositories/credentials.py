"""Credentials: only their sealed form passes through here."""

from __future__ import annotations

from layers.database.models import Credential
from layers.database.repositories.scope import Scoped


class Credentials(Scoped[Credential]):
    """The credentials of a workspace."""

    model = Credential
