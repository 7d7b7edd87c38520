"""What the instance earns, for its administrator: from the accounts, in one look."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from billing.usage.periods import THIRTY_DAYS_S
from layers.settings import BillingSettings

PAYING = frozenset({"active", "past_due"})
ACCOUNTS = text(
    "SELECT w.id, a.plan, a.status, a.interval, a.amount, a.currency,"
    " a.started_at, a.ended_at, a.cancel_at_period_end FROM workspaces w"
    " LEFT JOIN billing_accounts a ON a.workspace_id = w.id AND (a.livemode IS NULL"
    " OR a.livemode = :livemode)"
)
USED = text(
    "SELECT workspace_id, meter, sum(quantity) AS quantity FROM usage_hours"
    " WHERE hour >= :start AND meter IN ('executions','ai_input_tokens','ai_output_tokens',"
    "'api_calls') GROUP BY workspace_id, meter"
)
PAID = text(
    "SELECT currency, sum(amount_paid) AS amount FROM invoices"
    " WHERE status = 'paid' AND paid_at >= :start GROUP BY currency"
)


@dataclass(frozen=True)
class Revenue:
    """Figures of the last thirty days; money in minor units by currency.

    ``monthly`` is the recurring revenue of a month (MRR), yearly plans counted with a twelfth.
    ``churn`` is the part of those who paid thirty days ago that pays no more; ``conversion`` the
    part of all workspaces that pays. Both are None where there is nobody to compare with.
    """

    monthly: dict[str, int]
    received: dict[str, int]
    paying: int
    trialing: int
    past_due: int
    ending: int
    workspaces: int
    new: int
    lost: int
    churn: float | None
    conversion: float | None
    plans: list[dict[str, Any]]


def revenue(connection: Connection, settings: BillingSettings, now: float) -> Revenue:
    """Compute the figures."""
    rows = connection.execute(ACCOUNTS, {"livemode": settings.livemode}).all()
    start = now - THIRTY_DAYS_S
    paying = [row for row in rows if row.status in PAYING]
    lost = [row for row in rows if row.ended_at is not None and row.ended_at >= start]
    before = [row for row in paying if row.started_at < start]
    lost_of_before = [row for row in lost if (row.started_at or now) < start]
    monthly: dict[str, int] = defaultdict(int)
    for row in paying:
        monthly[row.currency] += _monthly(row)
    paid = connection.execute(PAID, {"start": start})
    base = len(before) + len(lost_of_before)
    return Revenue(
        monthly=dict(monthly),
        received={row.currency: int(row.amount) for row in paid},
        paying=len(paying),
        trialing=sum(row.status == "trialing" for row in rows),
        past_due=sum(row.status == "past_due" for row in rows),
        ending=sum(bool(row.cancel_at_period_end) for row in paying),
        workspaces=len(rows),
        new=sum(row.started_at is not None and row.started_at >= start for row in paying),
        lost=len(lost),
        churn=len(lost_of_before) / base if base else None,
        conversion=len(paying) / len(rows) if rows else None,
        plans=_plans(connection, rows, start),
    )


def _monthly(row: Any) -> int:
    amount = row.amount or 0
    return round(amount / 12) if row.interval == "year" else amount


def _plans(connection: Connection, rows: Any, start: float) -> list[dict[str, Any]]:
    """By plan: how many workspaces, what they pay a month, and what they used."""
    plan_of = {row.id: row.plan if row.status in PAYING | {"trialing"} else "free" for row in rows}
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        one = found.setdefault(
            plan_of[row.id], {"plan": plan_of[row.id], "workspaces": 0, "monthly": {}, "usage": {}}
        )
        one["workspaces"] += 1
        if row.status in PAYING:
            one["monthly"][row.currency] = one["monthly"].get(row.currency, 0) + _monthly(row)
    for row in connection.execute(USED, {"start": int(start)}):
        if row.workspace_id in plan_of:
            usage = found[plan_of[row.workspace_id]]["usage"]
            usage[row.meter] = usage.get(row.meter, 0) + int(row.quantity)
    return sorted(found.values(), key=lambda one: str(one["plan"]))
