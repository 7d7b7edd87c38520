"""What was on the invoice of a change that was dropped: nobody paid it, so it is owed as before.

Stripe puts all items that wait onto the invoice of a change. If that is refused, or not agreed to
in time, the invoice is voided, and with it the items on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, text

REOPEN = text(
    "UPDATE invoice_items SET sent = 0, wanted = 0 WHERE workspace_id = :workspace_id"
    " AND invoice_id = :invoice_id AND closed = :yes AND wanted <> 0"
)


def is_dropped(invoice: Mapping[str, Any]) -> bool:
    """Whether an invoice is that of a change that was dropped."""
    return bool(invoice["status"] == "void" and invoice["billing_reason"] == "subscription_update")


def owe_again(
    connection: Connection, workspace_id: str, invoices: Sequence[Mapping[str, Any]]
) -> None:
    """Have items on the invoices of dropped changes billed once more."""
    for one in invoices:
        if is_dropped(one):
            values = {"workspace_id": workspace_id, "invoice_id": one["id"], "yes": True}
            connection.execute(REOPEN, values)
