"""Invitations of people into workspaces."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Id, TenantBase


class Invitation(TenantBase):
    """Somebody who may join; the address is in lower case, the token kept as its SHA-256 only."""

    __tablename__ = "invitations"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    email: Mapped[str]
    role: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    invited_by: Mapped[str | None] = mapped_column(Id, ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[float]
    expires_at: Mapped[float]
