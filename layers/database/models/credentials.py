"""Secrets of other systems, sealed."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Id, TenantBase


class Credential(TenantBase):
    """A credential; ``sealed`` opens only in this row of this workspace. ``public`` is JSON of
    the fields that are not secret, ``allowed_hosts`` JSON of where the secret may be sent."""

    __tablename__ = "credentials"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str]
    type: Mapped[str]
    sealed: Mapped[str]
    public: Mapped[str]
    allowed_hosts: Mapped[str]
    created_at: Mapped[float]
    updated_at: Mapped[float]
    last_used_at: Mapped[float | None]
    tokens: Mapped[str | None]
    """What a provider gave when it was connected by OAuth, sealed; None: it is not connected."""
    connection: Mapped[str | None]
    """JSON of what may be shown of that; None for credentials that are not connected so."""
    refresh_until: Mapped[float | None]
    """Somebody refreshes the tokens, and has until then."""
