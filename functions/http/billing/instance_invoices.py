"""For the instance's administrator: find a workspace's invoices, credit them, pay them back."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field
from sqlalchemy import Row

from billing.invoices.finding import find_invoices, found_invoice
from billing.payments.from_stripe import Object
from billing.payments.settling import Refundable, Settling
from functions.http.access import parts_of, require
from functions.http.billing.invoices import InvoiceId, InvoiceSummary
from functions.http.billing.payer import STATE
from functions.http.billing.payment_shapes import MoneyOfInvoice, money_of
from functions.http.endpoint import group
from functions.http.shapes import Identifier, In, Listing, Name, Out
from functions.parts import Parts
from layers.errors import NotAllowed, NotFound
from layers.identity import Caller, Permission
from layers.identity.audit import record

router = group("instance", "/instance/invoices")


class FoundInvoice(InvoiceSummary):
    """An invoice, and whose it is."""

    workspace_id: Identifier
    workspace_name: str

    @classmethod
    def of(cls, row: Row[Any]) -> FoundInvoice:
        """A row as it goes out."""
        own = {"workspace_id": row.workspace_id, "workspace_name": row.workspace_name}
        return cls(**cls.shown(row), **own)


class LeftOut(Out):
    """What can still be given back, in the currency's minor unit."""

    credit: int = Field(description="A credit note can be for so much.")
    unpaid: int = Field(description="What of it was not paid yet.")
    refund: int = Field(description="So much can be paid back.")

    @classmethod
    def of(cls, left: Refundable) -> LeftOut:
        """The same as it goes out."""
        return cls(credit=left.credit, unpaid=left.unpaid, refund=left.refund)


class SettledInvoice(FoundInvoice, MoneyOfInvoice):
    """An invoice with what came and went of it, and what can still be given back."""

    left: LeftOut


class CreditIn(In):
    """What to take back of an invoice."""

    amount: int = Field(ge=1, le=10**9, description="In the currency's minor unit.")
    reason: Name


class RefundIn(In):
    """What to pay back of what was paid."""

    amount: int | None = Field(
        default=None, ge=1, le=10**9, description="In minor units; all that is left if left out."
    )
    reason: Name | None = Field(default=None, description="Written on the credit note.")


class MoneyOut(Out):
    """What Stripe made of it."""

    id: str
    amount: int
    currency: str
    status: str


@router.get("")
def find_all_invoices(
    request: Request,
    caller: Annotated[Caller, require(Permission.SELF)],
    query: Annotated[str, Query(max_length=100)] = "",
) -> Listing[FoundInvoice]:
    """Find invoices by number, or by the name or id of a workspace; only for the administrator."""
    if not caller.is_administrator:
        raise NotAllowed("Only the administrator of this instance may do that.")
    with parts_of(request).database.reading() as connection:
        rows = find_invoices(connection, query)
    return Listing(items=[FoundInvoice.of(row) for row in rows], next_cursor=None)


@router.get("/{invoice_id}", responses=STATE)
def read_any_invoice(
    invoice_id: InvoiceId, request: Request, caller: Annotated[Caller, require(Permission.SELF)]
) -> SettledInvoice:
    """Read any invoice, with what is left to be given back; only for the administrator."""
    parts, row = _payer(request, caller, invoice_id)
    left = Settling(parts.accounts.gateway).left(invoice_id)
    with parts.database.reading() as connection:
        money = money_of(connection, row.workspace_id, invoice_id)
    return SettledInvoice(**FoundInvoice.of(row).model_dump(), **money, left=LeftOut.of(left))


@router.post("/{invoice_id}/credit", status_code=201, responses=STATE)
def credit_invoice(
    invoice_id: InvoiceId,
    body: CreditIn,
    request: Request,
    caller: Annotated[Caller, require(Permission.SELF)],
) -> MoneyOut:
    """Take back a part of an invoice by a credit note: less is to be paid, or it goes onto the
    customer's balance. Only for the administrator."""
    parts, row = _payer(request, caller, invoice_id)
    settling = Settling(parts.accounts.gateway)
    wanted = {"amount": body.amount, "reason": body.reason}
    made = parts.accounts.requests.once(
        row.workspace_id,
        f"credit:{invoice_id}",
        wanted,
        wanted,
        lambda sent, key: settling.credit(invoice_id, sent["amount"], sent["reason"], key),
    )
    return _settled(parts, caller, row.workspace_id, "billing.credited", made)


@router.post("/{invoice_id}/refund", status_code=201, responses=STATE)
def refund_invoice(
    invoice_id: InvoiceId,
    body: RefundIn,
    request: Request,
    caller: Annotated[Caller, require(Permission.SELF)],
) -> MoneyOut:
    """Pay back what was paid for an invoice, or a part of it, with a credit note that says so.

    Only for the administrator.
    """
    parts, row = _payer(request, caller, invoice_id)
    settling = Settling(parts.accounts.gateway)
    wanted = {"amount": body.amount, "reason": body.reason}
    made = parts.accounts.requests.once(
        row.workspace_id,
        f"refund:{invoice_id}",
        wanted,
        wanted,
        lambda sent, key: settling.refund(invoice_id, sent["amount"], sent["reason"], key),
    )
    return _settled(parts, caller, row.workspace_id, "billing.refunded", made)


def _payer(request: Request, caller: Caller, invoice_id: str) -> tuple[Parts, Row[Any]]:
    """Whose invoice it is; for everybody but the administrator there is none."""
    parts = parts_of(request)
    if not caller.is_administrator:
        raise NotFound("There is no invoice with that id.")
    with parts.database.reading() as connection:
        return parts, found_invoice(connection, invoice_id)


def _settled(
    parts: Parts, caller: Caller, workspace_id: str, action: str, made: Object
) -> MoneyOut:
    parts.accounts.refresh(workspace_id)
    detail = {"id": made["id"], "amount": made["amount"], "currency": made["currency"]}
    with parts.database.write() as session:
        target = f"workspace:{workspace_id}"
        record(session, workspace_id, caller.actor, action, target, detail)
    return MoneyOut(**detail, status=made["status"])
