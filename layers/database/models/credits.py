"""Prepaid credits: what was given, and what became of it."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Id, TenantBase


class CreditGrant(TenantBase):
    """Credits that were given or bought: an amount in the minor unit of a currency.

    ``category`` is ``paid`` or ``promotional``; ``expires_at`` null: never. ``invoice_id`` is that
    of a purchase, which so is given once. ``is_applied``: overage that waited has been looked at.
    """

    __tablename__ = "credit_grants"
    __table_args__ = (Index("ix_credit_grants_workspace_id", "workspace_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    category: Mapped[str]
    currency: Mapped[str]
    amount: Mapped[int]
    reason: Mapped[str]
    effective_at: Mapped[float]
    expires_at: Mapped[float | None]
    invoice_id: Mapped[str | None] = mapped_column(unique=True)
    created_by: Mapped[str | None] = mapped_column(Id)
    created_at: Mapped[float]
    is_applied: Mapped[bool]


class CreditUse(TenantBase):
    """What was taken of a grant; below zero it was given back. Never changed.

    ``kind`` is ``used``, ``returned`` or ``voided``; ``item_id`` names the item of overage that
    it pays.
    """

    __tablename__ = "credit_uses"
    __table_args__ = (
        Index("ix_credit_uses_workspace_id", "workspace_id"),
        Index("ix_credit_uses_grant_id", "grant_id"),
        Index("ix_credit_uses_item_id", "item_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    grant_id: Mapped[str] = mapped_column(Id, ForeignKey("credit_grants.id", ondelete="CASCADE"))
    kind: Mapped[str]
    amount: Mapped[int]
    item_id: Mapped[str | None] = mapped_column(Id)
    created_at: Mapped[float]
