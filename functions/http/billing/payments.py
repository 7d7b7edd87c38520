"""The history of payments: every attempt, and what was paid back."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Request
from pydantic import Field

from billing.payments import kept
from functions.http.access import parts_of, require
from functions.http.billing.payment_shapes import DisputeOut, PaidWithOut, PaymentOut, RefundOut
from functions.http.endpoint import group
from functions.http.shapes import Listing, Moment, Out
from layers.identity import Caller, Permission

router = group("billing", "/billing/payments")


class PaymentEntry(Out):
    """An attempt to collect, or money that was paid back."""

    id: str
    kind: Literal["payment", "refund"]
    status: str = Field(
        description="`succeeded`, `pending`, `failed`, `canceled`, or `requires_action`."
    )
    amount: int = Field(description="In the currency's minor unit, above zero for refunds, too.")
    amount_refunded: int
    currency: str
    method: PaidWithOut | None
    reason: str | None = Field(description="Why it failed: Stripe's decline code.")
    message: str | None = Field(description="Why it failed, in words.")
    dispute: DisputeOut | None
    invoice_id: str | None
    invoice_number: str | None
    created_at: Moment


@router.get("")
def list_payments(
    request: Request, caller: Annotated[Caller, require(Permission.BILLING_READ)]
) -> Listing[PaymentEntry]:
    """List the newest payments and refunds, those that failed included."""
    with parts_of(request).database.reading() as connection:
        paid = kept.payments(connection, caller.workspace_id)
        back = kept.refunds(connection, caller.workspace_id)
    entries = [
        (
            row.created_at,
            PaymentEntry(
                kind="payment",
                invoice_id=row.invoice_id,
                invoice_number=row.invoice_number,
                **PaymentOut.of(row).model_dump(),
            ),
        )
        for row in paid
    ]
    entries += [
        (
            row.created_at,
            PaymentEntry(
                kind="refund",
                invoice_id=row.invoice_id,
                invoice_number=row.invoice_number,
                **RefundOut.of(row).model_dump(),
                amount_refunded=0,
                method=None,
                reason=row.failure_reason,
                message=None,
                dispute=None,
            ),
        )
        for row in back
    ]
    entries.sort(key=lambda pair: pair[0], reverse=True)
    return Listing(items=[entry for _moment, entry in entries], next_cursor=None)
