"""Subscriptions beside the one that a workspace has: ended at once, and paid back."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import TenantBase


class SurplusSubscription(TenantBase):
    """Written down before anything is done about it, so that it is finished whoever dies."""

    __tablename__ = "surplus_subscriptions"

    id: Mapped[str] = mapped_column(primary_key=True)
    """Stripe's id of the subscription."""
    found_at: Mapped[float]
    settled_at: Mapped[float | None]
    """When it had ended and all that was paid for it was paid back."""
