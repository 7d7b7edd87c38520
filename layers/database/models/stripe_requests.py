"""What was asked of Stripe, and what became of it."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Id, TenantBase


class StripeRequest(TenantBase):
    """One intention. Its id is the idempotency key, so that a lost answer is asked for again.

    ``wish`` is a digest of what was wished and of the state it was based on; ``body`` is JSON,
    what is sent, the same each time.
    """

    __tablename__ = "stripe_requests"
    __table_args__ = (Index("ix_stripe_requests_workspace_id_kind", "workspace_id", "kind"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str]
    wish: Mapped[str]
    body: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    """``asked``, ``lost`` (nobody heard the answer), ``done``, ``refused`` or ``left``."""
    created_at: Mapped[float]
    ended_at: Mapped[float | None]
