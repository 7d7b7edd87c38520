"""What a workspace was granted beyond, or short of, its plan."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Id, TenantBase


class PlanOverride(TenantBase):
    """One limit or feature; ``value`` is JSON, null for no limit."""

    __tablename__ = "plan_overrides"
    __table_args__ = (Index("ix_plan_overrides_workspace_id", "workspace_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str]
    value: Mapped[str]
    reason: Mapped[str]
    created_by: Mapped[str | None] = mapped_column(Id)
    created_at: Mapped[float]
    expires_at: Mapped[float | None]
