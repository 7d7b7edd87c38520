"""Takes prepaid credits off overage: by a negative invoice item beside that of the overage."""

from __future__ import annotations

from sqlalchemy import Connection, text

from billing.credits import grants
from billing.overage.charges import amount_of
from billing.overage.wanted_items import Wish, items_of, want

APPLIED = text(
    "UPDATE credit_grants SET is_applied = :yes WHERE workspace_id = :workspace_id"
    " AND is_applied = :no AND effective_at <= :now"
)


def cover_overage(connection: Connection, workspace_id: str, now: float) -> None:
    """Use credits for what waits for an invoice, and write down what is to be taken off.

    Never more than the overage itself; what is lessened later gives its credits back. What is on
    a finalised invoice already is not covered any more.
    """
    if not grants.has_any(connection, workspace_id):
        return
    grants.lock(connection, workspace_id)
    connection.execute(
        APPLIED, {"workspace_id": workspace_id, "yes": True, "no": False, "now": now}
    )
    paid = grants.covered(connection, workspace_id)
    taken_off = items_of(connection, workspace_id, "credit", now)
    for charge, items in items_of(connection, workspace_id, "overage", now).items():
        total = 0
        for item in items:
            said = (item.sent or 0) if item.closed else item.wanted
            owed = max(0, amount_of(said, item.unit_amount))
            before = paid.get(item.id, 0)
            if before > owed:
                grants.give_back(connection, item, before - owed, now)
                before = owed
            elif before < owed and not item.closed:
                before += grants.use(connection, item, owed - before, now)
            total += before
        if total or taken_off[charge]:
            want(connection, taken_off[charge], items[-1], Wish("credit", charge, -total), now)
