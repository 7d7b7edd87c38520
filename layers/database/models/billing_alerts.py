"""What a workspace was told about its plan and its payments."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Id, TenantBase


class BillingAlert(TenantBase):
    """One alert; ``key`` is unique in the workspace: told once. ``detail`` is JSON."""

    __tablename__ = "billing_alerts"
    __table_args__ = (UniqueConstraint("workspace_id", "key"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str]
    key: Mapped[str]
    level: Mapped[str]
    detail: Mapped[str]
    created_at: Mapped[float]
    dismissed_at: Mapped[float | None]
    resolved_at: Mapped[float | None]
    """Since when what it says is no longer so."""
    mail_state: Mapped[str]
    """``pending``, ``sent``, ``off`` or ``failed``."""
    mail_attempts: Mapped[int]
    mail_due_at: Mapped[float | None]
