"""A credit note, from what is kept of it and of its invoice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from billing.invoices.document.clean_text import cleaned
from billing.invoices.document.facts import Document, Kind, Line, Referred, State, Tax
from billing.invoices.document.issued import Issued
from billing.invoices.document.of_invoice import buyer_of, is_reverse_charge

RETURNED = ("refunded", "to_balance", "out_of_band", "pre_payment")


def credit_note_document(
    note: Row[Any],
    data: Mapping[str, Any],
    invoice: Row[Any],
    of: Mapping[str, Any],
    issued: Issued,
) -> Document:
    """What a credit note says: what it takes back of which invoice, and where the money went.

    ``data`` is what is kept of the credit note, ``of`` what is kept of its invoice: the buyer and
    the rates of taxes are those of the invoice.
    """
    rates = {one.get("rate"): one for one in of.get("taxes") or ()}
    is_void = note.status == "void"
    return Document(
        kind=Kind.CREDIT_NOTE,
        number=cleaned(note.number, 60),
        issued_at=data.get("effective_at") or note.created_at,
        currency=note.currency,
        language=issued.language,
        seller=issued.seller,
        buyer=buyer_of(of),
        state=State.VOID if is_void else State.ISSUED,
        subtotal=data.get("subtotal") or note.amount,
        total=note.amount,
        lines=[_line(one, rates) for one in data.get("lines") or ()],
        taxes=[_tax(one, rates) for one in data.get("taxes") or ()],
        ended_at=(note.voided_at or note.created_at) if is_void else None,
        is_reverse_charge=is_reverse_charge(of),
        invoice=Referred(
            cleaned(invoice.number or invoice.id, 60),
            of.get("effective_at") or of.get("finalized_at") or invoice.created_at,
            invoice.total,
        ),
        returned=[(name, data[name]) for name in RETURNED if data.get(name)],
        remark=cleaned(data.get("memo")),
        small_print=issued.small_print,
    )


def _line(line: Mapping[str, Any], rates: Mapping[Any, Mapping[str, Any]]) -> Line:
    found = (_rate(one, rates).get("percentage") for one in line.get("taxes") or ())
    return Line(
        description=cleaned(line.get("description")),
        quantity=line.get("quantity"),
        unit_amount=line.get("unit_amount"),
        amount=line["amount"],
        rates=[one for one in found if one],
    )


def _tax(tax: Mapping[str, Any], rates: Mapping[Any, Mapping[str, Any]]) -> Tax:
    rate = _rate(tax, rates)
    name = cleaned(tax.get("name") or rate.get("name"), 60)
    return Tax(
        amount=tax["amount"],
        net=tax.get("taxable_amount"),
        percentage=tax.get("percentage") or rate.get("percentage"),
        name=name or None,
        country=tax.get("country") or rate.get("country"),
        is_inclusive=bool(tax.get("is_inclusive", rate.get("is_inclusive"))),
        reason=tax.get("reason") or rate.get("reason"),
    )


def _rate(tax: Mapping[str, Any], rates: Mapping[Any, Mapping[str, Any]]) -> Mapping[str, Any]:
    """The invoice's tax that this is a part of: the same, or the only one that there is."""
    found = rates.get(tax.get("rate")) if tax.get("rate") else None
    if found is None and len(rates) == 1:
        (found,) = rates.values()
    return found or {}
