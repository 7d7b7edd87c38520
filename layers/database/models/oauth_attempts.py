"""Connections by OAuth that somebody has begun."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Id, TenantBase


class OAuthAttempt(TenantBase):
    """What a browser was sent to a provider for. It is used once, and by the same session."""

    __tablename__ = "oauth_attempts"

    state_hash: Mapped[str] = mapped_column(primary_key=True)
    session_hash: Mapped[str]
    credential_id: Mapped[str] = mapped_column(
        Id, ForeignKey("credentials.id", ondelete="CASCADE"), nullable=False
    )
    sealed_verifier: Mapped[str]
    expires_at: Mapped[float]
