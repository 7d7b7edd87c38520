"""Workspaces: what everything else belongs to."""

from __future__ import annotations

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Base, Id


class Workspace(Base):
    """A tenant. ``sealed_key`` is its own data key, encrypted by the instance's key ring."""

    __tablename__ = "workspaces"
    __table_args__ = (
        Index(
            "ix_workspaces_followed_until",
            "followed_until",
            sqlite_where=text("followed_until IS NOT NULL"),
            postgresql_where=text("followed_until IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str]
    sealed_key: Mapped[str]
    created_at: Mapped[float]
    retention_days: Mapped[int | None]
    """How long an execution is kept once it has ended; None for ever."""
    failed_retention_days: Mapped[int | None]
    """The same for those that failed, where it differs."""
    followed_until: Mapped[float | None]
    """Until then whoever changes what its lists show says so."""
