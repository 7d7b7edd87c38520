"""A document in its language: every text that the layout sets, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from billing.invoices.document.catalogue import texts
from billing.invoices.document.clean_text import breakable
from billing.invoices.document.facts import Document, Line, Party, State
from billing.invoices.document.fonts import families
from billing.invoices.document.formats import Formats
from billing.invoices.document.paper import paper_of
from billing.invoices.document.sums import sum_rows
from billing.invoices.document.tax_id_names import named

MARKS = {State.VOID: "void_mark", State.DRAFT: "draft_mark"}


def worded(document: Document) -> dict[str, Any]:
    """What ``layout.typ`` sets: lists of texts, and how they are set."""
    language, buyer = document.language, document.buyer
    said = texts(language)
    formats = Formats.of(language, buyer.country, document.currency)
    return {
        "title": said[document.kind],
        "document_title": f"{said[document.kind]} {document.number}",
        "language": language,
        "paper": paper_of(buyer.country),
        "fonts": families("", "", language),
        "mark": said[MARKS[document.state]] if document.state in MARKS else "",
        "facts": list(_facts(document, formats, said)),
        "seller": _party(document.seller, said["seller"], document, formats),
        "buyer": _party(buyer, said["buyer"], document, formats),
        "head": [said[name] for name in _columns(document)],
        "rows": [_row(line, document, formats, said) for line in document.lines],
        "sums": sum_rows(document, formats, said),
        "notes": list(_notes(document, formats, said)),
        "transfer_title": said["transfer"],
        "transfer": [
            [said.get(name, name), breakable(value)] for name, value in document.related.transfer
        ],
        "small_print": [breakable(one, 60) for one in document.small_print],
        "page": said["page"],
    }


def _facts(
    document: Document, formats: Formats, said: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    yield said["number"], breakable(document.number)
    yield said["issued"], formats.day(document.issued_at)
    if document.period is not None:
        yield said["period"], _span(document.period, formats)
    if document.due_at is not None:
        yield said["due"], formats.day(document.due_at)
    if document.invoice is not None:
        day = formats.day(document.invoice.issued_at)
        yield said["for_invoice"], f"{breakable(document.invoice.number)} ({day})"
    yield said["currency"], formats.currency_name


def _party(party: Party, title: str, document: Document, formats: Formats) -> dict[str, Any]:
    said = texts(document.language)
    country = formats.country(party.country) if party.country else ""
    numbers = [named(kind, value, said) for kind, value in party.tax_ids]
    lines = [one for one in (*party.address, country, party.email, *numbers) if one]
    everything = " ".join((party.name, *party.address))
    return {
        "title": title,
        "name": breakable(party.name),
        "lines": [breakable(one) for one in lines],
        "fonts": families(everything, party.country, document.language),
    }


def _columns(document: Document) -> list[str]:
    has_periods = any(line.period for line in document.lines)
    has_prices = any(_has_price(line) for line in document.lines)
    has_taxes = any(line.rates for line in document.lines) or document.is_reverse_charge
    wanted = {
        "description": True,
        "line_period": has_periods,
        "quantity": True,
        "unit_price": has_prices,
        "tax": has_taxes,
        "amount": True,
    }
    return [name for name, is_there in wanted.items() if is_there]


def _row(
    line: Line, document: Document, formats: Formats, said: Mapping[str, str]
) -> dict[str, Any]:
    rates = [formats.percent(one) for one in line.rates]
    if not rates and document.is_reverse_charge:
        rates = [formats.percent("0")]
    cells = {
        "line_period": _span(line.period, formats) if line.period else "",
        "quantity": "" if line.quantity is None else formats.number(line.quantity),
        "unit_price": formats.price(line.unit_amount or "0") if _has_price(line) else "",
        "tax": " + ".join(rates),
        "amount": formats.money(line.amount),
    }
    return {
        "description": breakable(line.description or "\N{EN DASH}", 30),
        "note": said[f"note_{line.note}"] if line.note else "",
        "cells": [cells[name] for name in _columns(document)[1:]],
    }


def _has_price(line: Line) -> bool:
    """Whether one's price times the quantity is the amount: not of parts of a period, or tiers."""
    if line.unit_amount is None or line.quantity is None:
        return False
    whole = Decimal(line.unit_amount) * line.quantity
    return abs(whole - line.amount) <= Decimal("0.5")


def _span(period: tuple[float, float], formats: Formats) -> str:
    first, last = (formats.short_day(moment) for moment in period)
    return first if first == last else f"{first} \N{EN DASH} {last}"


def _notes(document: Document, formats: Formats, said: Mapping[str, str]) -> Iterator[str]:
    ended = "" if document.ended_at is None else formats.day(document.ended_at)
    if document.is_reverse_charge:
        yield said["reverse_charge"]
    elif document.is_exempt:
        yield said["exempt"]
    is_told = document.state is State.PAID and document.related.payments
    if not is_told and document.state is not State.ISSUED:
        yield said[f"state_{document.state}"].format(day=ended)
    for one in document.related.payments:
        day, amount = formats.day(one.moment), formats.money(one.amount)
        method = " ".join(part for part in (one.brand or one.kind, _dotted(one.last4)) if part)
        name = "payment_by" if method else "payment"
        yield said[name].format(amount=amount, day=day, method=method)
    for note in document.related.credit_notes:
        yield said["credit_note_of"].format(
            number=note.number, day=formats.day(note.issued_at), amount=formats.money(note.amount)
        )
    if document.remark:
        yield f"{said['remark']}: {breakable(document.remark, 60)}"


def _dotted(last4: str | None) -> str:
    return f"•••• {last4}" if last4 else ""
