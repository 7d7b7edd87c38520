"""Credit notes as Stripe gave them last: what was taken back of invoices."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import TenantBase


class CreditNote(TenantBase):
    """One credit note. Amounts are in the minor unit of ``currency``, taxes included.

    ``status`` is ``issued`` or ``void``; ``type`` is ``pre_payment`` (less is to be paid),
    ``post_payment`` or ``mixed``. ``data`` is JSON: ``subtotal``, ``taxes`` (list of
    ``{amount, taxable_amount}``), ``lines`` (list of ``{description, quantity, amount, taxes}``),
    ``memo``, ``effective_at``, and where the money went: ``refunded``, ``to_balance``,
    ``out_of_band``, ``pre_payment``.
    """

    __tablename__ = "credit_notes"
    __table_args__ = (
        Index("ix_credit_notes_workspace_id_invoice_id", "workspace_id", "invoice_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    invoice_id: Mapped[str]
    number: Mapped[str]
    status: Mapped[str]
    type: Mapped[str]
    currency: Mapped[str]
    amount: Mapped[int]
    reason: Mapped[str | None]
    created_at: Mapped[float]
    voided_at: Mapped[float | None]
    data: Mapped[str]
    issued: Mapped[str | None]
    """JSON: the seller and the language, as they were when it was issued."""
