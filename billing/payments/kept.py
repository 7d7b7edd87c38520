"""Payments, refunds and credit notes as they are kept, and read for who pays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, TextClause, text

from billing.payments.from_stripe import (
    Collected,
    Object,
    credit_note_rows,
    invoices_paid_by,
    payment_rows,
    refund_rows,
)


def _put(table: str, *columns: str) -> TextClause:
    names = ("id", "workspace_id", *columns)
    values = ", ".join(f":{name}" for name in names)
    changed = ", ".join(f"{name} = excluded.{name}" for name in columns)
    return text(
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values})"  # noqa: S608 - own names
        f" ON CONFLICT (id) DO UPDATE SET {changed}"
    )


PUT_PAYMENT = _put(
    "payments",
    *("payment_intent_id", "invoice_id", "status", "currency", "amount", "amount_refunded"),
    *("method", "failure_code", "failure_message", "dispute", "created_at"),
)
PUT_REFUND = _put(
    "refunds",
    *("payment_id", "invoice_id", "status", "currency", "amount", "reason", "failure_reason"),
    "created_at",
)
PUT_CREDIT_NOTE = _put(
    "credit_notes",
    *("invoice_id", "number", "status", "type", "currency", "amount", "reason", "created_at"),
    *("voided_at", "data"),
)
SETTLED = text(
    "DELETE FROM payments WHERE workspace_id = :workspace_id AND id = payment_intent_id"
    " AND status = 'requires_action'"
)
PAYMENTS = text(
    "SELECT p.*, i.number AS invoice_number FROM payments p LEFT JOIN invoices i"
    " ON i.id = p.invoice_id AND i.workspace_id = p.workspace_id"
    " WHERE p.workspace_id = :workspace_id ORDER BY p.created_at DESC, p.id DESC LIMIT 500"
)
REFUNDS = text(
    "SELECT r.*, i.number AS invoice_number FROM refunds r LEFT JOIN invoices i"
    " ON i.id = r.invoice_id AND i.workspace_id = r.workspace_id"
    " WHERE r.workspace_id = :workspace_id ORDER BY r.created_at DESC, r.id DESC LIMIT 500"
)
PAYMENTS_OF = text(
    "SELECT * FROM payments WHERE workspace_id = :workspace_id AND invoice_id = :invoice_id"
    " ORDER BY created_at, id"
)
REFUNDS_OF = text(
    "SELECT * FROM refunds WHERE workspace_id = :workspace_id AND invoice_id = :invoice_id"
    " ORDER BY created_at, id"
)
CREDIT_NOTES_OF = text(
    "SELECT * FROM credit_notes WHERE workspace_id = :workspace_id AND invoice_id = :invoice_id"
    " ORDER BY created_at, number"
)
WORKSPACE_OF = text(
    "SELECT workspace_id FROM payments WHERE id = :charge OR payment_intent_id = :intent LIMIT 1"
)


def keep(
    connection: Connection,
    workspace_id: str,
    found: Collected,
    invoices: Sequence[Object],
    references: Mapping[str, Object],
) -> None:
    """Keep what Stripe said last; a consent that nobody waits for any more is let go of."""
    invoice_of = invoices_paid_by(invoices)
    connection.execute(SETTLED, {"workspace_id": workspace_id})
    for statement, rows in (
        (PUT_PAYMENT, payment_rows(found, invoice_of)),
        (PUT_REFUND, refund_rows(found, invoice_of)),
        (PUT_CREDIT_NOTE, credit_note_rows(found, references)),
    ):
        if rows:
            connection.execute(statement, [{**one, "workspace_id": workspace_id} for one in rows])


def payments(connection: Connection, workspace_id: str) -> Sequence[Row[Any]]:
    """All attempts of a workspace, the newest first, each with ``invoice_number``."""
    return connection.execute(PAYMENTS, {"workspace_id": workspace_id}).all()


def refunds(connection: Connection, workspace_id: str) -> Sequence[Row[Any]]:
    """All refunds of a workspace, the newest first, each with ``invoice_number``."""
    return connection.execute(REFUNDS, {"workspace_id": workspace_id}).all()


def payments_of(connection: Connection, workspace_id: str, invoice_id: str) -> Sequence[Row[Any]]:
    """The attempts to collect an invoice, in their order."""
    values = {"workspace_id": workspace_id, "invoice_id": invoice_id}
    return connection.execute(PAYMENTS_OF, values).all()


def refunds_of(connection: Connection, workspace_id: str, invoice_id: str) -> Sequence[Row[Any]]:
    """What was paid back of an invoice, in the order of its dates."""
    values = {"workspace_id": workspace_id, "invoice_id": invoice_id}
    return connection.execute(REFUNDS_OF, values).all()


def credit_notes_of(
    connection: Connection, workspace_id: str, invoice_id: str
) -> Sequence[Row[Any]]:
    """The credit notes of an invoice, in the order of their dates."""
    values = {"workspace_id": workspace_id, "invoice_id": invoice_id}
    return connection.execute(CREDIT_NOTES_OF, values).all()


def workspace_of(connection: Connection, charge: str | None, intent: str | None) -> str | None:
    """Whose a charge or a payment intent is, as far as it was read."""
    values = {"charge": charge, "intent": intent}
    found: str | None = connection.execute(WORKSPACE_OF, values).scalar_one_or_none()
    return found
