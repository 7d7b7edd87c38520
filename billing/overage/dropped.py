"""What was on the invoice of a change that was dropped: nobody paid it, so it is owed as before.

Stripe puts all items that wait onto the invoice of a change. If that is refused, or not agreed to
in time, the invoice is voided, and with it the items on it, which nobody can change any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, text

REOPEN = text(
    "UPDATE invoice_items SET sent = 0, wanted = 0, closed = :yes, invoice_id = :invoice_id"
    " WHERE workspace_id = :workspace_id AND stripe_id IN :items AND (closed = :no OR wanted <> 0)"
).bindparams(bindparam("items", expanding=True))


def is_dropped(invoice: Mapping[str, Any]) -> bool:
    """Whether an invoice is that of a change that was dropped."""
    return bool(invoice["status"] == "void" and invoice["billing_reason"] == "subscription_update")


def owe_again(
    connection: Connection, workspace_id: str, invoices: Sequence[Mapping[str, Any]]
) -> None:
    """Have items on the invoices of dropped changes billed once more, with the next invoice.

    ``invoices`` have all their lines. Items that nobody knew to be on one yet are closed with it.
    """
    for one in invoices:
        items = _items_on(one) if is_dropped(one) else []
        if items:
            values = {"workspace_id": workspace_id, "invoice_id": one["id"], "items": items}
            connection.execute(REOPEN, {**values, "yes": True, "no": False})


def _items_on(invoice: Mapping[str, Any]) -> list[str]:
    """The invoice items that became lines of an invoice, by their ids at Stripe."""
    found = (
        (line["parent"].get("invoice_item_details") or {}).get("invoice_item")
        for line in invoice["lines"]["data"]
        if line.get("parent")
    )
    return [one for one in found if one]
