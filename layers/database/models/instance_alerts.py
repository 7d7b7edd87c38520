"""What the administrators of the instance were told about billing."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Base, Id


class InstanceAlert(Base):
    """One alert; ``key`` is unique: told once. ``detail`` is JSON. It outlives its workspace."""

    __tablename__ = "instance_alerts"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    level: Mapped[str]
    detail: Mapped[str]
    created_at: Mapped[float]
    dismissed_at: Mapped[float | None]
    mail_state: Mapped[str]
    """``pending``, ``sent``, ``off`` or ``failed``."""
    mail_attempts: Mapped[int]
    mail_due_at: Mapped[float | None]
