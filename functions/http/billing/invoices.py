"""Invoices: listed, in detail with what is behind each line, and as PDF."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Path, Query, Request, Response
from pydantic import Field
from sqlalchemy import Row

from billing.accounts.accounts import Accounts
from billing.invoices.document.facts import LineNote
from billing.invoices.documents import invoice_document
from billing.invoices.invoices import invoice_of, invoices_of, usage_behind_each
from billing.payments.consent import pay_invoice as collect
from billing.payments.default_method import chosen_method
from functions.http.access import parts_of, require
from functions.http.billing.change_shapes import DiscountOut, TaxOut
from functions.http.billing.invoice_facts import InvoiceFacts
from functions.http.billing.payer import STATE
from functions.http.billing.payment_shapes import MoneyOfInvoice, money_of
from functions.http.billing.pdf import PDF, as_pdf
from functions.http.endpoint import group
from functions.http.shapes import Listing, Moment, Out, moment
from functions.parts import Parts
from layers import jsontext
from layers.clock import rfc3339
from layers.identity import Caller, Permission

router = group("billing", "/billing/invoices")

InvoiceId = Annotated[str, Path(max_length=100)]


class InvoiceSummary(Out):
    """An invoice; amounts in the minor unit of its currency."""

    id: str
    number: str | None
    status: str
    currency: str
    total: int
    amount_due: int
    amount_paid: int
    created_at: Moment
    paid_at: Moment | None
    period_start: Moment
    period_end: Moment

    @classmethod
    def shown(cls, row: Row[Any]) -> dict[str, Any]:
        """What a row tells."""
        names = ("id", "number", "status", "currency", "total", "amount_due", "amount_paid")
        return {
            **{name: getattr(row, name) for name in names},
            "created_at": moment(row.created_at),
            "paid_at": rfc3339(row.paid_at),
            "period_start": moment(row.period_start),
            "period_end": moment(row.period_end),
        }


class UsageBehind(Out):
    """What a workflow used of what a line is for."""

    workflow_id: str | None
    name: str | None
    quantity: int
    executions: int


class InvoiceLine(Out):
    """A line; `limit` names the usage that it is for, and `usage` says whose."""

    id: str
    description: str | None
    quantity: int | None
    unit_amount: str | None
    amount: int
    period_start: Moment
    period_end: Moment
    is_proration: bool
    limit: str | None
    note: LineNote | None = Field(description="What the document says below the line.")
    tax_percentages: list[str]
    usage: list[UsageBehind] = Field(description="By workflow, the most first.")


class InvoiceOut(InvoiceSummary, MoneyOfInvoice):
    """A whole invoice."""

    subtotal: int
    tax: int
    taxes: list[TaxOut]
    discounts: list[DiscountOut]
    customer_name: str | None
    customer_email: str | None
    customer_address: dict[str, str | None] | None
    hosted_invoice_url: str | None
    next_payment_attempt: Moment | None
    amount_remaining: int
    collection_method: str | None = Field(
        description="`send_invoice` where it is paid by bank transfer."
    )
    due_date: Moment | None
    voided_at: Moment | None
    uncollectible_at: Moment | None
    facts: InvoiceFacts
    lines: list[InvoiceLine]


@router.get("")
def list_invoices(
    request: Request, caller: Annotated[Caller, require(Permission.BILLING_READ)]
) -> Listing[InvoiceSummary]:
    """List the invoices, the newest first."""
    with parts_of(request).database.reading() as connection:
        rows = invoices_of(connection, caller.workspace_id)
    items = [InvoiceSummary(**InvoiceSummary.shown(row)) for row in rows]
    return Listing(items=items, next_cursor=None)


@router.get("/{invoice_id}")
def read_invoice(
    invoice_id: InvoiceId,
    request: Request,
    caller: Annotated[Caller, require(Permission.BILLING_READ)],
) -> InvoiceOut:
    """Read an invoice, with the workflows behind each line of usage."""
    parts = parts_of(request)
    seller = parts.settings.billing.seller
    with parts.database.reading() as connection:
        row = invoice_of(connection, caller.workspace_id, invoice_id)
        data = jsontext.loads(row.data)
        money = money_of(connection, caller.workspace_id, invoice_id)
        said = invoice_document(connection, caller.workspace_id, invoice_id, seller)
        behind_each = usage_behind_each(connection, caller.workspace_id, data["lines"])
        lines = [
            InvoiceLine(
                **{
                    **one,
                    "period_start": moment(one["period_start"]),
                    "period_end": moment(one["period_end"]),
                },
                note=line.note,
                tax_percentages=list(line.rates),
                usage=[
                    UsageBehind(
                        workflow_id=behind.workflow_id,
                        name=behind.name,
                        quantity=int(behind.quantity),
                        executions=behind.number,
                    )
                    for behind in behinds
                ],
            )
            for one, line, behinds in zip(data["lines"], said.lines, behind_each, strict=True)
        ]
    return InvoiceOut(
        **InvoiceSummary.shown(row),
        subtotal=data.get("subtotal") or 0,
        tax=data.get("tax") or 0,
        taxes=[TaxOut.model_validate(one) for one in data.get("taxes") or ()],
        discounts=[DiscountOut.model_validate(one) for one in data.get("discounts") or ()],
        customer_name=data.get("customer_name"),
        customer_email=data.get("customer_email"),
        customer_address=data.get("customer_address"),
        hosted_invoice_url=data.get("hosted_invoice_url"),
        next_payment_attempt=rfc3339(data.get("next_payment_attempt")),
        amount_remaining=data.get("amount_remaining") or 0,
        collection_method=data.get("collection_method"),
        due_date=rfc3339(data.get("due_date")),
        voided_at=rfc3339(data.get("voided_at")),
        uncollectible_at=rfc3339(data.get("uncollectible_at")),
        **money,
        facts=InvoiceFacts.of(said),
        lines=lines,
    )


@router.get("/{invoice_id}/pdf", response_class=Response, responses=PDF)
def download_invoice(
    invoice_id: InvoiceId,
    request: Request,
    caller: Annotated[Caller, require(Permission.BILLING_READ)],
    document: Annotated[Literal["invoice", "receipt"], Query()] = "invoice",
) -> Response:
    """Download an invoice as a PDF, in the buyer's language, or the receipt for its payment.

    It is the one document of its number: Stripe's own PDF of it is never given out.
    """
    parts = parts_of(request)
    with parts.database.reading() as connection:
        found = invoice_document(
            connection,
            caller.workspace_id,
            invoice_id,
            parts.settings.billing.seller,
            is_receipt=document == "receipt",
        )
    return as_pdf(found)


@router.post("/{invoice_id}/pay", responses=STATE)
def pay_invoice(
    invoice_id: InvoiceId,
    request: Request,
    caller: Annotated[Caller, require(Permission.BILLING_WRITE)],
) -> InvoiceOut:
    """Try to collect an open invoice now, such as after a card was replaced.

    Where the bank asks for consent it answers 402 with `confirm_url`, where to agree.
    """
    parts = parts_of(request)
    url = jsontext.loads(_row(parts, caller, invoice_id).data).get("hosted_invoice_url")
    accounts: Accounts = parts.accounts
    try:
        customer_id = accounts.read(caller.workspace_id).customer_id
        method_id = chosen_method(accounts.gateway, customer_id)
        collect(accounts.gateway, invoice_id, method_id, url)
    finally:
        accounts.refresh(caller.workspace_id)
    return read_invoice(invoice_id, request, caller)


def _row(parts: Parts, caller: Caller, invoice_id: str) -> Row[Any]:
    with parts.database.reading() as connection:
        return invoice_of(connection, caller.workspace_id, invoice_id)
