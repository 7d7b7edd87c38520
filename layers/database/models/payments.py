"""Payments and refunds as Stripe gave them last: every attempt, those that failed included."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import TenantBase


class Payment(TenantBase):
    """One attempt to collect: a charge, or a payment intent that has none (yet).

    ``status`` is ``succeeded``, ``pending`` or ``failed`` as a charge's, else
    ``requires_action`` while the bank is to be asked. ``method`` is JSON: ``type``, ``brand``,
    ``last4``. ``failure_code`` and ``failure_message`` are Stripe's; of a disputed payment
    ``dispute`` is JSON: ``id``, ``amount``, ``status``, ``reason``.
    """

    __tablename__ = "payments"
    __table_args__ = (
        Index("ix_payments_workspace_id_invoice_id", "workspace_id", "invoice_id"),
        Index("ix_payments_workspace_id_created_at", "workspace_id", "created_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    payment_intent_id: Mapped[str | None]
    invoice_id: Mapped[str | None]
    status: Mapped[str]
    currency: Mapped[str]
    amount: Mapped[int]
    amount_refunded: Mapped[int]
    method: Mapped[str]
    failure_code: Mapped[str | None]
    failure_message: Mapped[str | None]
    dispute: Mapped[str | None]
    created_at: Mapped[float]


class Refund(TenantBase):
    """What was paid back of a payment; ``status`` is ``pending``, ``succeeded``, ``failed``,
    ``canceled`` or ``requires_action``. A refund that failed was not paid back."""

    __tablename__ = "refunds"
    __table_args__ = (Index("ix_refunds_workspace_id_invoice_id", "workspace_id", "invoice_id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    payment_id: Mapped[str]
    invoice_id: Mapped[str | None]
    status: Mapped[str]
    currency: Mapped[str]
    amount: Mapped[int]
    reason: Mapped[str | None]
    failure_reason: Mapped[str | None]
    created_at: Mapped[float]
