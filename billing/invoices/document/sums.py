"""The sums below the lines, from the subtotal to what is to be paid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from billing.invoices.document.facts import Document, Kind, State, Tax
from billing.invoices.document.formats import Formats

REVERSE_CHARGE = "reverse_charge"
Row = tuple[str, int, bool]
"""What it is, the amount, and whether it stands out."""


def sum_rows(document: Document, formats: Formats, said: Mapping[str, str]) -> list[dict[str, Any]]:
    """Rows of ``label``, ``amount`` and ``is_strong``, which add up from the top to the end."""
    rows = [*_to_total(document, formats, said)]
    rows += _returned(document, said) if document.kind is Kind.CREDIT_NOTE else _due(document, said)
    return [
        {"label": label, "amount": formats.money(amount), "is_strong": is_strong}
        for label, amount, is_strong in rows
    ]


def _to_total(document: Document, formats: Formats, said: Mapping[str, str]) -> Iterator[Row]:
    added = [one for one in document.taxes if not one.is_inclusive]
    net = document.total - sum(one.amount for one in added)
    if document.subtotal != net:
        yield said["subtotal"], document.subtotal, False
    for discount in document.discounts:
        percent = formats.percent(discount.percent_off) if discount.percent_off else ""
        named = " ".join(part for part in (said["discount"], discount.name, percent) if part)
        yield named, -discount.amount, False
    if added:
        yield said["net"], net, False
    for one in added:
        yield _tax(one, formats, said, "tax_on"), one.amount, False
    is_credit = document.kind is Kind.CREDIT_NOTE
    yield said["total_credited" if is_credit else "total"], document.total, True
    for one in document.taxes:
        if one.is_inclusive:
            yield _tax(one, formats, said, "tax_included"), one.amount, False


def _due(document: Document, said: Mapping[str, str]) -> Iterator[Row]:
    for move, amount in document.moves:
        yield said[move], amount, False
    if document.credited:
        yield said["credited"], -document.credited, False
    if document.kind is Kind.RECEIPT:
        yield said["paid_amount"], document.paid, True
        return
    if document.paid:
        yield said["paid_amount"], -document.paid, False
    if document.state is not State.VOID:
        yield said["due_amount"], max(0, document.due - document.paid), True


def _returned(document: Document, said: Mapping[str, str]) -> Iterator[Row]:
    for name, amount in document.returned:
        yield said[name], amount, False


def _tax(tax: Tax, formats: Formats, said: Mapping[str, str], how: str) -> str:
    name = tax.name or said["tax_name"]
    percentage = "0" if tax.reason == REVERSE_CHARGE else tax.percentage
    rate = formats.percent(percentage) if percentage else ""
    if tax.net is None:
        return f"{name} {rate}".strip()
    net = formats.money(tax.net)
    return " ".join(said[how].format(name=name, rate=rate, net=net).split())
