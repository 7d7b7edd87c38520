"""Takes prepaid credits off overage: by a discount on the invoice item of the overage."""

from __future__ import annotations

from sqlalchemy import Connection, text

from billing.credits import grants
from billing.overage.charges import amount_of
from billing.overage.wanted_items import items_of

APPLIED = text(
    "UPDATE credit_grants SET is_applied = :yes WHERE workspace_id = :workspace_id"
    " AND is_applied = :no AND effective_at <= :now"
)
TAKE_OFF = text("UPDATE invoice_items SET credit = :credit WHERE id = :id")


def cover_overage(connection: Connection, workspace_id: str, now: float) -> None:
    """Use credits for what waits for an invoice, and write down what is to be taken off.

    Never more than the overage itself; what is lessened later gives its credits back. What is on
    a finalised invoice already is not covered any more; what did not get there is given back.
    """
    if not grants.has_any(connection, workspace_id):
        return
    grants.lock(connection, workspace_id)
    connection.execute(
        APPLIED, {"workspace_id": workspace_id, "yes": True, "no": False, "now": now}
    )
    paid = grants.covered(connection, workspace_id)
    for items in items_of(connection, workspace_id, "overage", now).values():
        for item in items:
            said = (item.sent or 0) if item.closed else item.wanted
            owed = max(0, amount_of(said, item.unit_amount))
            if item.closed:
                owed = min(owed, item.credit_sent)
            before = paid.get(item.id, 0)
            if before > owed:
                grants.give_back(connection, item, before - owed, now)
                before = owed
            elif before < owed and not item.closed:
                before += grants.use(connection, item, owed - before, now)
            if before != item.credit:
                connection.execute(TAKE_OFF, {"id": item.id, "credit": before})
