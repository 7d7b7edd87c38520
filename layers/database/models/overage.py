"""What was used beyond a plan with the customer's consent, and how it comes onto invoices."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Base, Id, TenantBase


class BillingTerms(TenantBase):
    """What an account had agreed to from ``since`` on: so that late usage is judged by its time.

    The columns are those of ``billing_accounts``.
    """

    __tablename__ = "billing_terms"

    workspace_id: Mapped[str] = mapped_column(
        Id, ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True
    )
    since: Mapped[float] = mapped_column(primary_key=True)
    status: Mapped[str | None]
    past_due_since: Mapped[float | None]
    usage_anchor: Mapped[float | None]
    interval: Mapped[str | None]
    currency: Mapped[str | None]
    seats: Mapped[int | None]
    plan_version_id: Mapped[str | None] = mapped_column(Id)
    at_limit: Mapped[str | None]
    overage_caps: Mapped[str | None]


class UsageOverage(Base):
    """A usage that was admitted beyond the plan, or the part of it that was: never changed.

    ``source_id`` is that of the ledger's row; ``part`` counts the rows of one usage, which are
    several where it takes back what was admitted at several prices. ``unit_amount`` is what one
    costs, a decimal number of the currency's minor unit, as the plan said at that time.
    """

    __tablename__ = "usage_overage"
    __table_args__ = (
        Index("ix_usage_overage_month", "workspace_id", "limit_name", "month_start"),
        {"sqlite_with_rowid": False},
    )

    workspace_id: Mapped[str] = mapped_column(Id, primary_key=True)
    meter: Mapped[str] = mapped_column(primary_key=True)
    source_id: Mapped[str] = mapped_column(primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True)
    limit_name: Mapped[str]
    month_start: Mapped[float]
    month_end: Mapped[float]
    plan_version_id: Mapped[str] = mapped_column(Id)
    currency: Mapped[str]
    unit_amount: Mapped[str]
    quantity: Mapped[int] = mapped_column(BigInteger)
    occurred_at: Mapped[float]
    recorded_at: Mapped[float]


class OverageTotal(Base):
    """The sum of a month's overage at one price, kept up in the transaction of its rows."""

    __tablename__ = "overage_totals"
    __table_args__ = {"sqlite_with_rowid": False}

    workspace_id: Mapped[str] = mapped_column(Id, primary_key=True)
    limit_name: Mapped[str] = mapped_column(primary_key=True)
    month_start: Mapped[float] = mapped_column(primary_key=True)
    plan_version_id: Mapped[str] = mapped_column(Id, primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    month_end: Mapped[float]
    unit_amount: Mapped[str]
    quantity: Mapped[int] = mapped_column(BigInteger)
    first_recorded_at: Mapped[float]
    recorded_at: Mapped[float]


class InvoiceItem(TenantBase):
    """An invoice item of Stripe's as it is wanted: written down before it goes out.

    ``kind`` is ``overage``, whose ``wanted`` is a quantity. One on an invoice when that was
    finalised is ``closed``; what comes later is the next ``sequence``.
    """

    __tablename__ = "invoice_items"
    __table_args__ = (
        UniqueConstraint("workspace_id", "kind", "charge", "sequence"),
        Index("ix_invoice_items_closed", "closed", "workspace_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str]
    charge: Mapped[str]
    """What is charged: the limit, the month, the version of the plan and the currency."""
    sequence: Mapped[int]
    limit_name: Mapped[str]
    month_start: Mapped[float]
    month_end: Mapped[float]
    plan_version_id: Mapped[str] = mapped_column(Id)
    currency: Mapped[str]
    unit_amount: Mapped[str]
    is_late: Mapped[bool]
    wanted: Mapped[int] = mapped_column(BigInteger)
    sent: Mapped[int | None] = mapped_column(BigInteger)
    """What Stripe has confirmed; null: nothing yet."""
    credit: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """How much prepaid credit is to be taken off, in minor units."""
    credit_sent: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """How much of it Stripe has confirmed."""
    stripe_id: Mapped[str | None]
    invoice_id: Mapped[str | None]
    """Stripe's id of the invoice that it is on, as far as is known."""
    closed: Mapped[bool]
    attempted_at: Mapped[float | None]
    failures: Mapped[int]
    due_at: Mapped[float]
    error: Mapped[str | None]
    created_at: Mapped[float]
    sent_at: Mapped[float | None]
