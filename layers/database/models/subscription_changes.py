"""What subscriptions were, and from when on: the history behind every figure of revenue."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Base, Id


class SubscriptionChange(Base):
    """A state of one subscription, which holds from ``at`` to the next one's ``at``.

    The table only grows: the database denies changes of it, and a workspace that is deleted leaves
    its history. ``at`` is when it happened at Stripe, ``recorded_at`` when we heard of it. Amounts
    are in the currency's minor unit: ``amount`` and ``discount`` for an interval, ``mrr`` for a
    month, which is 0 while the subscription does not count (see docs/revenue.md).
    """

    __tablename__ = "subscription_changes"
    __table_args__ = (
        Index("ix_subscription_changes_at", "at"),
        Index("ix_subscription_changes_workspace_id", "workspace_id"),
    )

    subscription_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """1 for the first state of a subscription."""
    workspace_id: Mapped[str] = mapped_column(Id)
    livemode: Mapped[bool]
    at: Mapped[float]
    recorded_at: Mapped[float]
    status: Mapped[str]
    plan: Mapped[str | None]
    plan_number: Mapped[int | None]
    interval: Mapped[str]
    currency: Mapped[str]
    seats: Mapped[int]
    amount: Mapped[int]
    discount: Mapped[int]
    mrr: Mapped[int]
    first_paid_at: Mapped[float | None]
    """When the first invoice of this subscription that was not for nothing was paid."""
    ends_at: Mapped[float | None]
    """When it is to end, once that is settled."""
    reason: Mapped[str | None]
    """Why it ended, in Stripe's words: ``cancellation_requested``, ``payment_failed`` ..."""
