"""Hard budgets: what a workflow, or one execution of it, may use at most."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Id, TenantBase


class Budget(TenantBase):
    """A budget; ``workflow_id`` None holds for each workflow. ``scope`` is ``month`` or
    ``execution``; ``meter`` is ``ai_tokens``, ``ai_cost`` (micro-dollars) or
    ``sandbox_cpu_ms``."""

    __tablename__ = "budgets"
    __table_args__ = (Index("ix_budgets_workspace_id", "workspace_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    workflow_id: Mapped[str | None] = mapped_column(Id)
    scope: Mapped[str]
    meter: Mapped[str]
    amount: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[float]
