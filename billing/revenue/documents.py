"""Every invoice, credit note and refund of a time, as an accountant wants them: row by row."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, TextClause, text

from billing.revenue.months import Span
from layers import jsontext

AT_ONCE = 500
DRAFT_S = 3 * 86_400.0
"""An invoice is finalised an hour after its making; where Stripe is late, some days."""

INVOICES = text(
    "SELECT created_at, workspace_id, id, number, status, currency, total, paid_at, data"
    " FROM invoices WHERE created_at >= :from_draft AND created_at < :end"
    " AND status NOT IN ('draft', 'deleted')"
    " ORDER BY created_at, workspace_id, length(number), number"
)
CREDIT_NOTES = text(
    "SELECT c.created_at, c.workspace_id, c.id, c.number, c.status, c.currency, c.amount,"
    " c.voided_at, c.data AS own, i.number AS invoice_number, i.data FROM credit_notes c"
    " LEFT JOIN invoices i ON i.id = c.invoice_id WHERE c.created_at >= :start"
    " AND c.created_at < :end ORDER BY c.created_at, c.workspace_id, length(c.number), c.number"
)
REFUNDS = text(
    "SELECT r.created_at, r.workspace_id, r.id, r.status, r.currency, r.amount,"
    " i.number AS invoice_number, i.data FROM refunds r"
    " LEFT JOIN invoices i ON i.id = r.invoice_id WHERE r.created_at >= :start"
    " AND r.created_at < :end ORDER BY r.created_at, r.id"
)


@dataclass(frozen=True)
class Document:
    """One row; amounts in minor units, below zero where they were taken or paid back.

    ``net`` and ``tax`` of a refund are None: what it settles is on the invoice or credit note.
    """

    at: float
    kind: str
    number: str
    invoice: str
    workspace_id: str
    customer: str
    country: str
    tax_id: str
    net: int | None
    tax: int | None
    gross: int
    currency: str
    status: str
    paid_at: float | None


def documents(connection: Connection, span: Span) -> Iterator[Document]:
    """All of a time, the oldest first; read in portions, so that no year is too long."""
    sources = (
        map(_invoice, _rows(connection, INVOICES, span)),
        map(_credit_note, _rows(connection, CREDIT_NOTES, span)),
        map(_refund, _rows(connection, REFUNDS, span)),
    )
    for one in heapq.merge(*sources, key=lambda one: one.at):
        if span.start <= one.at < span.end:
            yield one


def _rows(connection: Connection, statement: TextClause, span: Span) -> Iterator[Row[Any]]:
    values = {"start": span.start, "end": span.end, "from_draft": span.start - DRAFT_S}
    in_portions = statement.execution_options(yield_per=AT_ONCE)
    yield from connection.execute(in_portions, values)


def _invoice(row: Row[Any]) -> Document:
    data = jsontext.loads(row.data)
    tax = data.get("tax") or 0
    return Document(
        at=data.get("finalized_at") or row.created_at,
        kind="invoice",
        number=row.number or row.id,
        invoice=row.number or row.id,
        workspace_id=row.workspace_id,
        **_buyer(data),
        net=row.total - tax,
        tax=tax,
        gross=row.total,
        currency=row.currency,
        status=row.status,
        paid_at=row.paid_at,
    )


def _credit_note(row: Row[Any]) -> Document:
    tax = sum(one["amount"] for one in jsontext.loads(row.own).get("taxes") or ())
    return Document(
        at=row.created_at,
        kind="credit_note",
        number=row.number,
        invoice=row.invoice_number or "",
        workspace_id=row.workspace_id,
        **_buyer(jsontext.loads(row.data or "{}")),
        net=tax - row.amount,
        tax=-tax,
        gross=-row.amount,
        currency=row.currency,
        status=row.status,
        paid_at=None,
    )


def _refund(row: Row[Any]) -> Document:
    return Document(
        at=row.created_at,
        kind="refund",
        number=row.id,
        invoice=row.invoice_number or "",
        workspace_id=row.workspace_id,
        **_buyer(jsontext.loads(row.data or "{}")),
        net=None,
        tax=None,
        gross=-row.amount,
        currency=row.currency,
        status=row.status,
        paid_at=row.created_at if row.status == "succeeded" else None,
    )


def _buyer(data: Mapping[str, Any]) -> dict[str, str]:
    """Who bought, as the invoice has it."""
    ids = data.get("customer_tax_ids") or ()
    return {
        "customer": data.get("customer_name") or data.get("customer_email") or "",
        "country": (data.get("customer_address") or {}).get("country") or "",
        "tax_id": " ".join(str(one["value"]) for one in ids if one.get("value")),
    }
