"""Money that came and went: from invoices, refunds and credit notes, by currency."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from sqlalchemy import Connection, Row, text

from billing.revenue.months import Span
from layers import jsontext

INVOICES = text(
    "SELECT status, currency, amount_due, amount_paid, paid_at, data FROM invoices"
    " WHERE status NOT IN ('draft', 'deleted') AND (paid_at IS NULL OR paid_at >= :start)"
    " ORDER BY id"
)
REFUNDS = text(
    "SELECT currency, amount, created_at FROM refunds"
    " WHERE status NOT IN ('failed', 'canceled') AND created_at >= :start"
)
CREDIT_NOTES = text("SELECT currency, amount, created_at, voided_at, data FROM credit_notes")
SOLD = text(
    "SELECT currency, amount, created_at FROM credit_grants"
    " WHERE category = 'paid' AND created_at >= :start"
)
USED = text(
    "SELECT g.currency, u.amount, u.created_at FROM credit_uses u"
    " JOIN credit_grants g ON g.id = u.grant_id WHERE g.category = 'paid'"
    " AND u.kind IN ('used', 'returned') AND u.created_at >= :start"
)
AT_ONCE = 1000

Amounts = dict[str, int]


def none() -> Amounts:
    """No money yet."""
    return defaultdict(int)


@dataclass
class Receipts:
    """What a time brought, in minor units by currency.

    ``outstanding`` is what was owed at its end, all the others are of the time itself.
    """

    gross: Amounts = field(default_factory=none)
    """What was paid for invoices, taxes included."""
    refunded: Amounts = field(default_factory=none)
    credited: Amounts = field(default_factory=none)
    """What credit notes took back, wherever it went; what was refunded with them included."""
    tax: Amounts = field(default_factory=none)
    """The tax in what was paid, less that of credit notes."""
    overage: Amounts = field(default_factory=none)
    """What was invoiced for usage beyond plans, before tax and prepaid credits."""
    credits_sold: Amounts = field(default_factory=none)
    """Prepaid credits that were bought: owed as usage until they are used or expire."""
    credits_used: Amounts = field(default_factory=none)
    """Of bought credits, what paid for overage."""
    outstanding: Amounts = field(default_factory=none)
    uncollectible: Amounts = field(default_factory=none)

    @property
    def net(self) -> Amounts:
        """What was received and kept."""
        found = none()
        for currency in {*self.gross, *self.refunded}:
            found[currency] = self.gross[currency] - self.refunded[currency]
        return found


@dataclass(frozen=True)
class Entry:
    """An amount that belongs to one of the fields of Receipts at a moment."""

    name: str
    at: float
    currency: str
    amount: int


def entries_since(connection: Connection, start: float) -> list[Entry]:
    """Everything that counts from ``start`` on, and what was owed then already."""
    values = {"start": start}
    found: list[Entry] = []
    in_portions = INVOICES.execution_options(yield_per=AT_ONCE)
    for invoice in connection.execute(in_portions, values):
        found += _of_invoice(invoice)
    for refund in connection.execute(REFUNDS, values):
        found.append(Entry("refunded", refund.created_at, refund.currency, refund.amount))
    for name, statement in (("credits_sold", SOLD), ("credits_used", USED)):
        rows = connection.execute(statement, values)
        found += [Entry(name, row.created_at, row.currency, row.amount) for row in rows]
    for note in connection.execute(CREDIT_NOTES):
        found += _of_credit_note(note)
    return found


def receipts(entries: Sequence[Entry], span: Span) -> Receipts:
    """Sum up a time."""
    found = Receipts()
    sums = {one.name: getattr(found, one.name) for one in fields(found)}
    for one in entries:
        if one.at < span.end and (one.at >= span.start or one.name == "outstanding"):
            sums[one.name][one.currency] += one.amount
    for one in sums.values():
        for currency in [name for name, amount in one.items() if not amount]:
            del one[currency]
    return found


def _of_invoice(invoice: Row[Any]) -> Iterator[Entry]:
    data = jsontext.loads(invoice.data)
    currency, due = invoice.currency, invoice.amount_due
    # What a credit note took off before it was paid was owed until then.
    owed = due + (data.get("pre_payment_credit_notes_amount") or 0)
    finalized_at = data.get("finalized_at")
    if finalized_at is None:
        return
    yield Entry("outstanding", finalized_at, currency, owed)
    for line in data["lines"]:
        if line["limit"]:
            amount = line["amount"] - (line.get("discount") or 0)
            yield Entry("overage", finalized_at, currency, amount)
    if invoice.status == "paid" and invoice.paid_at is not None:
        yield Entry("gross", invoice.paid_at, currency, invoice.amount_paid)
        yield Entry("tax", invoice.paid_at, currency, data.get("tax") or 0)
        yield Entry("outstanding", invoice.paid_at, currency, -due)
    elif invoice.status == "void":
        yield Entry("outstanding", data.get("voided_at") or finalized_at, currency, -due)
    elif invoice.status == "uncollectible":
        at = data.get("uncollectible_at") or finalized_at
        yield Entry("outstanding", at, currency, -due)
        yield Entry("uncollectible", at, currency, due)


def _of_credit_note(note: Row[Any]) -> Iterator[Entry]:
    data = jsontext.loads(note.data)
    tax = sum(one["amount"] for one in data.get("taxes") or ())
    signs = [(note.created_at, 1)]
    if note.voided_at is not None:
        signs.append((note.voided_at, -1))
    for at, sign in signs:
        yield Entry("credited", at, note.currency, sign * note.amount)
        yield Entry("tax", at, note.currency, -sign * tax)
        yield Entry("outstanding", at, note.currency, -sign * (data.get("pre_payment") or 0))
