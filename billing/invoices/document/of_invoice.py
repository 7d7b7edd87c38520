"""An invoice, or its receipt, from what is kept of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Row

from billing.invoices.document.addresses import address_lines
from billing.invoices.document.balance import moves_of
from billing.invoices.document.clean_text import cleaned
from billing.invoices.document.facts import (
    Discount,
    Document,
    Kind,
    Line,
    LineNote,
    Party,
    Referred,
    Related,
    State,
    Tax,
)
from billing.invoices.document.issued import Issued

EXEMPT = frozenset(("customer_exempt", "product_exempt"))
REVERSE = "reverse_charge"


def document_of(
    invoice: Row[Any],
    data: Mapping[str, Any],
    issued: Issued,
    related: Related,
    *,
    is_receipt: bool = False,
) -> Document:
    """What an invoice says; ``data`` is what ``billing.invoices.kept.invoice_data`` kept."""
    credited = int(data.get("pre_payment_credit_notes_amount") or 0)
    state, ended_at = _state(invoice, data)
    found = [tax_of(one) for one in data.get("taxes") or ()]
    has_transfer = state is State.TO_TRANSFER
    number = cleaned(invoice.number or invoice.id, 60)
    issued_at = data.get("effective_at") or data.get("finalized_at") or invoice.created_at
    return Document(
        kind=Kind.RECEIPT if is_receipt else Kind.INVOICE,
        number=number,
        issued_at=(invoice.paid_at or issued_at) if is_receipt else issued_at,
        invoice=Referred(number, issued_at, invoice.total) if is_receipt else None,
        currency=invoice.currency,
        language=issued.language,
        seller=issued.seller,
        buyer=buyer_of(data),
        state=state,
        subtotal=data.get("subtotal") or sum(one["amount"] for one in data["lines"]),
        total=invoice.total,
        period=(invoice.period_start, invoice.period_end),
        lines=[line_of(one, invoice.created_at) for one in data["lines"]],
        discounts=[discount_of(one) for one in data.get("discounts") or ()],
        taxes=found,
        moves=moves_of(invoice.total, invoice.amount_due, credited, data),
        credited=credited,
        due=invoice.amount_due,
        paid=invoice.amount_paid,
        due_at=data.get("due_date") if has_transfer else None,
        ended_at=ended_at,
        is_reverse_charge=is_reverse_charge(data),
        is_exempt=any(one.reason in EXEMPT for one in found),
        related=related if has_transfer else replace(related, transfer=()),
        remark=cleaned(data.get("description")),
        small_print=issued.small_print,
    )


def buyer_of(data: Mapping[str, Any]) -> Party:
    """The buyer as Stripe froze them when the invoice was finalised."""
    address = data.get("customer_address") or {}
    return Party(
        name=cleaned(data.get("customer_name"), 300),
        address=address_lines(address),
        country=cleaned(address.get("country"), 2).upper(),
        email=cleaned(data.get("customer_email"), 200),
        tax_ids=[
            (str(one.get("type") or ""), cleaned(one.get("value"), 60))
            for one in data.get("customer_tax_ids") or ()
        ],
    )


def line_of(line: Mapping[str, Any], made_at: float) -> Line:
    """A line; what is for nothing and of seats is a trial."""
    return Line(
        description=cleaned(line.get("description")),
        quantity=line.get("quantity"),
        unit_amount=line.get("unit_amount"),
        amount=line["amount"],
        period=(line["period_start"], line["period_end"]) if "period_start" in line else None,
        rates=[one["percentage"] for one in line.get("taxes") or () if one["percentage"]],
        note=_note(line, made_at),
    )


def tax_of(tax: Mapping[str, Any]) -> Tax:
    """A tax of the whole."""
    return Tax(
        amount=tax["amount"],
        net=tax.get("taxable_amount"),
        percentage=tax.get("percentage"),
        name=cleaned(tax.get("name"), 60) or None,
        country=tax.get("country"),
        is_inclusive=bool(tax.get("is_inclusive")),
        reason=tax.get("reason"),
    )


def discount_of(discount: Mapping[str, Any]) -> Discount:
    """What was taken off."""
    name = cleaned(discount.get("name"), 100) or None
    return Discount(name, discount.get("percent_off"), discount["amount"])


def is_reverse_charge(data: Mapping[str, Any]) -> bool:
    """Whether the buyer owes the tax: Stripe says so of a tax, or of the whole customer."""
    taxes = [*(data.get("taxes") or ())]
    taxes += [one for line in data.get("lines") or () for one in line.get("taxes") or ()]
    of_a_tax = any(one.get("reason") == REVERSE for one in taxes)
    charged = any(one.get("amount") for one in taxes)
    return of_a_tax or (data.get("customer_tax_exempt") == "reverse" and not charged)


def _note(line: Mapping[str, Any], made_at: float) -> LineNote | None:
    if line.get("is_proration"):
        return LineNote.UNUSED if line["amount"] < 0 else LineNote.REMAINING
    if line.get("limit"):
        is_late = (line.get("metadata") or {}).get("treadle_late") == "true"
        return LineNote.LATE_USAGE if is_late else LineNote.USAGE
    starts = line.get("period_start")
    is_free = line["amount"] == 0 and not line.get("discount") and line.get("is_of_seats")
    return LineNote.TRIAL if is_free and starts is not None and starts <= made_at else None


def _state(invoice: Row[Any], data: Mapping[str, Any]) -> tuple[State, float | None]:
    if invoice.status == "void":
        return State.VOID, data.get("voided_at") or invoice.created_at
    if invoice.status == "uncollectible":
        return State.UNCOLLECTIBLE, data.get("uncollectible_at") or invoice.created_at
    if invoice.status == "paid":
        is_paid = invoice.amount_paid > 0
        return (State.PAID if is_paid else State.SETTLED), invoice.paid_at or invoice.created_at
    if invoice.status == "draft":
        return State.DRAFT, None
    by_transfer = data.get("collection_method") == "send_invoice"
    return (State.TO_TRANSFER if by_transfer else State.DUE), None
