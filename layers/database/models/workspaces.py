"""Workspaces: what everything else belongs to."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Base, Id


class Workspace(Base):
    """A tenant. ``sealed_key`` is its own data key, encrypted by the instance's key ring."""

    __tablename__ = "workspaces"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str]
    sealed_key: Mapped[str]
    created_at: Mapped[float]
    retention_days: Mapped[int | None]
    """How long an execution is kept once it has ended; None for ever."""
    failed_retention_days: Mapped[int | None]
    """The same for those that failed, where it differs."""
