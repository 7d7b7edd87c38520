"""Invoices as Stripe gave them last."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import TenantBase


class Invoice(TenantBase):
    """One invoice. Amounts are in the minor unit of ``currency``; ``data`` is JSON, what is shown
    of it, with its lines."""

    __tablename__ = "invoices"
    __table_args__ = (Index("ix_invoices_workspace_id_created_at", "workspace_id", "created_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str | None]
    status: Mapped[str]
    currency: Mapped[str]
    total: Mapped[int]
    amount_due: Mapped[int]
    amount_paid: Mapped[int]
    attempt_count: Mapped[int]
    created_at: Mapped[float]
    paid_at: Mapped[float | None]
    period_start: Mapped[float]
    period_end: Mapped[float]
    data: Mapped[str]
    issued: Mapped[str | None]
    """JSON: the seller and the language, as they were when it was finalised
    (``billing.invoices.document.issued``)."""
