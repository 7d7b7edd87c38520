"""Credits that were bought on Stripe's page: given once their invoice is paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import Connection, text

from billing.credits.grants import PAID_FOR_S, Grant, give, void_unused

MARK = "treadle_credits"
"""In an invoice's metadata: the amount of credits that it is for."""
REPAID = text(
    "SELECT coalesce(sum(amount), 0) FROM refunds WHERE workspace_id = :workspace_id"
    " AND invoice_id = :invoice_id AND status <> 'failed' AND status <> 'canceled'"
)


def give_what_was_bought(
    connection: Connection,
    workspace_id: str,
    invoices: Sequence[Mapping[str, Any]],
    now: float,
) -> None:
    """Give the credits of purchases that are paid, and void what is unused of those paid back."""
    for invoice in invoices:
        amount = (invoice.get("metadata") or {}).get(MARK)
        if amount is None or invoice["status"] != "paid":
            continue
        paid_at = float((invoice.get("status_transitions") or {}).get("paid_at") or now)
        grant = Grant(
            workspace_id=workspace_id,
            category="paid",
            currency=invoice["currency"],
            amount=int(amount),
            reason="",
            effective_at=paid_at,
            expires_at=paid_at + PAID_FOR_S,
            invoice_id=invoice["id"],
        )
        give(connection, grant, now)
        values = {"workspace_id": workspace_id, "invoice_id": invoice["id"]}
        repaid = int(connection.execute(REPAID, values).scalar_one())
        if repaid:
            # Credits are without the tax that was paid on top of them.
            part = Decimal(repaid * int(amount)) / invoice["total"]
            voided = int(part.quantize(Decimal(1), ROUND_HALF_UP))
            void_unused(connection, workspace_id, invoice["id"], voided, now)
