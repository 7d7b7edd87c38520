"""Revenue as CSV (RFC 4180): documents for the accountant, and figures by month."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice

from billing.invoices.money import decimal_text
from billing.revenue.documents import Document
from billing.revenue.figures import Figures

DOCUMENTS = (
    *("date", "kind", "number", "invoice", "customer", "country", "tax_id", "net", "tax"),
    *("gross", "currency", "status", "paid_on", "workspace_id"),
)
MONTHS = (
    *("month", "currency", "mrr_opening", "mrr_new", "mrr_expansion", "mrr_contraction"),
    *("mrr_churned", "mrr_reactivated", "mrr_closing", "gross_churn", "net_churn", "arpa"),
    *("received_gross", "refunded", "received_net", "credited", "tax", "overage"),
    *("credits_sold", "credits_used", "outstanding", "uncollectible"),
)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - full width
AT_ONCE = 200

Cell = str | int | None


def documents_as_csv(found: Iterable[Document]) -> Iterator[str]:
    """A row a document; amounts in the currency's major unit, dates in UTC."""
    return as_csv(DOCUMENTS, (_document(one) for one in found))


def months_as_csv(found: Iterable[tuple[str, Figures]]) -> Iterator[str]:
    """A row a month and currency; amounts in the currency's major unit, churn as parts of one."""
    return as_csv(MONTHS, (row for name, one in found for row in _month(name, one)))


def as_csv(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """The text in portions."""
    yield _written([head])
    remaining = iter(rows)
    while portion := list(islice(remaining, AT_ONCE)):
        yield _written(portion)


def harmless(value: str) -> str:
    """A text that no spreadsheet takes for a formula
    (https://owasp.org/www-community/attacks/CSV_Injection)."""
    return f"'{value}" if value.lstrip(" ").startswith(FORMULA) else value


def _written(rows: Iterable[Sequence[Cell]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue()


def _document(one: Document) -> list[Cell]:
    def money(amount: int | None) -> str:
        return "" if amount is None else decimal_text(amount, one.currency)

    buyer = [harmless(text) for text in (one.customer, one.country, one.tax_id)]
    amounts = [money(amount) for amount in (one.net, one.tax, one.gross)]
    return [
        *(_day(one.at), one.kind, harmless(one.number), harmless(one.invoice), *buyer, *amounts),
        *(one.currency.upper(), one.status, _day(one.paid_at), one.workspace_id),
    ]


def _month(name: str, figures: Figures) -> Iterator[list[Cell]]:
    money = figures.receipts
    receipts = (
        *(money.gross, money.refunded, money.net, money.credited, money.tax, money.overage),
        *(money.credits_sold, money.credits_used, money.outstanding, money.uncollectible),
    )
    for currency in sorted({*figures.movements, *(one for kind in receipts for one in kind)}):
        own = figures.movements.get(currency)
        moved = (
            [0] * 7
            if own is None
            else [
                *(own.opening, own.new, own.expansion, own.contraction, own.churned),
                *(own.reactivated, own.closing),
            ]
        )
        churn = [None, None] if own is None else [own.gross_churn, own.net_churn]
        amounts = [figures.arpa.get(currency, 0), *(kind.get(currency, 0) for kind in receipts)]
        yield [
            name,
            currency.upper(),
            *(decimal_text(amount, currency) for amount in moved),
            *("" if part is None else f"{part:.6f}" for part in churn),
            *(decimal_text(amount, currency) for amount in amounts),
        ]


def _day(at: float | None) -> str:
    return "" if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")
