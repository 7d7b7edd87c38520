"""Which invoice items there have to be: decided from the books, and written down before sending.

One item says all of a month's overage at one price, and is raised while Stripe can change it. What
comes once it is on a finalised invoice is another item, for the next one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, text

from billing.overage.admitted import GRACE_S
from billing.overage.charges import LATE_AFTER_S, charge_of
from billing.usage.periods import THIRTY_DAYS_S
from layers.ids import new_id

LOOKED_BACK_S = GRACE_S + 2 * THIRTY_DAYS_S
"""Months that ended longer ago are done with."""
WORK = text(
    "SELECT a.workspace_id FROM billing_accounts a WHERE a.customer_id IS NOT NULL"
    " AND a.livemode = :livemode"
    " AND (a.overage_lease_until IS NULL OR a.overage_lease_until <= :now) AND ("
    " EXISTS (SELECT 1 FROM overage_totals t WHERE t.workspace_id = a.workspace_id"
    " AND t.month_end > :since AND t.quantity <> coalesce((SELECT sum(i.wanted)"
    " FROM invoice_items i WHERE i.workspace_id = t.workspace_id AND i.kind = 'overage'"
    " AND i.limit_name = t.limit_name AND i.month_start = t.month_start"
    " AND i.plan_version_id = t.plan_version_id AND i.currency = t.currency), 0))"
    " OR EXISTS (SELECT 1 FROM credit_grants g WHERE g.workspace_id = a.workspace_id"
    " AND g.is_applied = :no AND g.effective_at <= :now)"
    " OR EXISTS (SELECT 1 FROM invoice_items i WHERE i.workspace_id = a.workspace_id"
    " AND i.closed = :no AND i.due_at <= :now"
    " AND (i.sent IS NULL OR i.sent <> i.wanted OR i.credit <> i.credit_sent OR i.month_end <= :now"
    " OR a.status IS NULL OR a.status IN ('canceled', 'incomplete_expired'))))"
    " ORDER BY a.workspace_id"
)
TOTALS = text(
    "SELECT * FROM overage_totals WHERE workspace_id = :workspace_id AND month_end > :since"
    " ORDER BY month_start, limit_name, plan_version_id, currency"
)
ITEMS = text(
    "SELECT * FROM invoice_items WHERE workspace_id = :workspace_id AND kind = :kind"
    " AND month_end > :since ORDER BY sequence"
)
INSERT = text(
    "INSERT INTO invoice_items (id, workspace_id, kind, charge, sequence, limit_name, month_start,"
    " month_end, plan_version_id, currency, unit_amount, is_late, wanted, closed, failures,"
    " due_at, created_at, credit, credit_sent) VALUES (:id, :workspace_id, :kind, :charge,"
    " :sequence, :limit_name, :month_start, :month_end, :plan_version_id, :currency,"
    " :unit_amount, :is_late, :wanted,"
    " :no, 0, :now, :now, 0, 0) ON CONFLICT DO NOTHING"
)
RAISE = text("UPDATE invoice_items SET wanted = :wanted WHERE id = :id")


@dataclass(frozen=True)
class WantedQuantity:
    """Which quantity the items of a charge have to say together."""

    kind: str
    charge: str
    value: int
    is_late: bool = False


def workspaces_with_work(connection: Connection, livemode: bool, now: float) -> list[str]:
    """The workspaces of which Stripe does not know everything yet."""
    values = {"livemode": livemode, "now": now, "since": now - LOOKED_BACK_S, "no": False}
    return [row.workspace_id for row in connection.execute(WORK, values)]


def want_items(connection: Connection, workspace_id: str, now: float) -> None:
    """Write down the items that the books ask for; the caller has the workspace to itself."""
    values = {"workspace_id": workspace_id, "since": now - LOOKED_BACK_S}
    items = items_of(connection, workspace_id, "overage", now)
    for total in connection.execute(TOTALS, values).all():
        place = (total.limit_name, total.month_start, total.plan_version_id, total.currency)
        charge = charge_of(*place)
        is_late = now >= total.month_end and (
            bool(items[charge]) or total.first_recorded_at >= total.month_end + LATE_AFTER_S
        )
        wanted_quantity = WantedQuantity("overage", charge, total.quantity, is_late)
        want(connection, items[charge], total, wanted_quantity, now)


def items_of(
    connection: Connection, workspace_id: str, kind: str, now: float
) -> dict[str, list[Row[Any]]]:
    """The items of a kind, by what they charge."""
    values = {"workspace_id": workspace_id, "kind": kind, "since": now - LOOKED_BACK_S}
    found: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(ITEMS, values):
        found[row.charge].append(row)
    return found


def want(
    connection: Connection,
    there: Sequence[Row[Any]],
    about: Row[Any],
    wanted_quantity: WantedQuantity,
    now: float,
) -> None:
    """Have the items of a charge say what is wished for together; ``about`` has its columns."""
    rest = wanted_quantity.value - sum(one.sent or 0 for one in there if one.closed)
    living = next((one for one in there if not one.closed), None)
    if living is None:
        if not rest:
            return
        names = ("limit_name", "month_start", "month_end", "plan_version_id", "currency")
        columns = {name: getattr(about, name) for name in (*names, "unit_amount", "workspace_id")}
        columns |= {"id": new_id(), "kind": wanted_quantity.kind, "charge": wanted_quantity.charge}
        columns |= {
            "sequence": len(there),
            "is_late": wanted_quantity.is_late,
            "wanted": rest,
            "now": now,
            "no": False,
        }
        connection.execute(INSERT, columns)
    elif living.wanted != rest and not _is_under_way(living):
        # What is to be given back is another kind of item: that which is there goes first.
        has_turned = (rest < 0) != ((living.sent or 0) < 0) and living.stripe_id is not None
        connection.execute(RAISE, {"id": living.id, "wanted": 0 if has_turned else rest})


def _is_under_way(item: Row[Any]) -> bool:
    """Whether Stripe may have made it, or taken it away, and the answer was lost.

    Then it stays as it was sent until that is known.
    """
    if item.stripe_id is None:
        return item.attempted_at is not None
    return bool(item.wanted == 0)
