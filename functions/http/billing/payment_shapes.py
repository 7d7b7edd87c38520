"""Payments, refunds and credit notes as they go out."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field
from sqlalchemy import Connection, Row

from billing.payments.kept import credit_notes_of, payments_of, refunds_of
from functions.http.shapes import Moment, Out, moment
from layers import jsontext
from layers.clock import rfc3339


class PaidWithOut(Out):
    """What was paid with; `brand` is a card's, or a bank's name."""

    type: str | None
    brand: str | None
    last4: str | None


class DisputeOut(Out):
    """The customer asked the bank to take a payment back; `status` and `reason` are Stripe's."""

    amount: int
    status: str
    reason: str


class PaymentOut(Out):
    """An attempt to collect: `succeeded`, `pending`, `failed`, or `requires_action` while the bank
    is to be asked. Amounts are in the currency's minor unit."""

    id: str
    status: str
    amount: int
    amount_refunded: int
    currency: str
    method: PaidWithOut
    reason: str | None = Field(description="Why it failed: Stripe's decline code.")
    message: str | None = Field(description="Why it failed, in words.")
    dispute: DisputeOut | None
    created_at: Moment

    @classmethod
    def of(cls, row: Row[Any]) -> PaymentOut:
        """A row as it goes out."""
        dispute = None if row.dispute is None else jsontext.loads(row.dispute)
        return cls(
            id=row.id,
            status=row.status,
            amount=row.amount,
            amount_refunded=row.amount_refunded,
            currency=row.currency,
            method=PaidWithOut.model_validate(jsontext.loads(row.method)),
            reason=row.failure_code,
            message=row.failure_message,
            dispute=dispute
            and DisputeOut(**{name: dispute[name] for name in ("amount", "status", "reason")}),
            created_at=moment(row.created_at),
        )


class RefundOut(Out):
    """What was paid back: `pending`, `succeeded`, `failed` or `canceled`."""

    id: str
    status: str
    amount: int
    currency: str
    created_at: Moment

    @classmethod
    def of(cls, row: Row[Any]) -> RefundOut:
        """A row as it goes out."""
        return cls(
            id=row.id,
            status=row.status,
            amount=row.amount,
            currency=row.currency,
            created_at=moment(row.created_at),
        )


class CreditNoteOut(Out):
    """What was taken back of an invoice, and where that went; `pre_payment` was not paid yet."""

    id: str
    number: str
    status: Literal["issued", "void"]
    amount: int
    currency: str
    refunded: int
    to_balance: int
    pre_payment: int
    memo: str | None
    created_at: Moment
    voided_at: Moment | None

    @classmethod
    def of(cls, row: Row[Any]) -> CreditNoteOut:
        """A row as it goes out."""
        data = jsontext.loads(row.data)
        return cls(
            id=row.id,
            number=row.number,
            status=row.status,
            amount=row.amount,
            currency=row.currency,
            **{name: data[name] for name in ("refunded", "to_balance", "pre_payment", "memo")},
            created_at=moment(row.created_at),
            voided_at=rfc3339(row.voided_at),
        )


class MoneyOfInvoice(Out):
    """What came and went of an invoice, each in the order of its dates."""

    payments: list[PaymentOut] = Field(description="Every attempt, those that failed included.")
    refunds: list[RefundOut]
    credit_notes: list[CreditNoteOut]


def money_of(connection: Connection, workspace_id: str, invoice_id: str) -> dict[str, Any]:
    """The members of MoneyOfInvoice."""
    values = (connection, workspace_id, invoice_id)
    return {
        "payments": [PaymentOut.of(row) for row in payments_of(*values)],
        "refunds": [RefundOut.of(row) for row in refunds_of(*values)],
        "credit_notes": [CreditNoteOut.of(row) for row in credit_notes_of(*values)],
    }
