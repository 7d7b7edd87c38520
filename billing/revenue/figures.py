"""What the instance earns, for its administrator: the definitions are in docs/revenue.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, text

from billing.plans.plan import FREE
from billing.revenue.customers import (
    ChurnedCustomers,
    CustomerMovement,
    Trials,
    customer_roll,
    lost,
    trials,
)
from billing.revenue.months import Span, months_between, name_of
from billing.revenue.movements import (
    Movement,
    Payers,
    RevenueMovement,
    movements_of,
    payers_at,
    roll,
)
from billing.revenue.receipts import Entry, Receipts, entries_since, receipts
from billing.revenue.states import PAYING

CHANGES = text(
    "SELECT * FROM subscription_changes WHERE livemode = :livemode AND at < :end"
    " ORDER BY at, subscription_id, number"
)
WORKSPACES = text("SELECT id, created_at FROM workspaces WHERE created_at < :end")
USED = text(
    "SELECT workspace_id, meter, sum(quantity) AS quantity FROM usage_hours"
    " WHERE hour >= :start AND hour < :end AND meter IN ('executions','ai_input_tokens',"
    "'ai_output_tokens','api_calls') GROUP BY workspace_id, meter"
)


@dataclass(frozen=True)
class Figures:
    """What a time brought; money in minor units by currency, parts None where of nothing."""

    span: Span
    opening: Payers
    closing: Payers
    movements: dict[str, RevenueMovement]
    customers: CustomerMovement
    lost: ChurnedCustomers
    trials: Trials
    receipts: Receipts

    @property
    def churn(self) -> float | None:
        """The part of those who paid at the beginning that pays no more at the end."""
        paid = len(self.opening.amounts)
        return self.lost.total / paid if paid else None

    @property
    def arpa(self) -> dict[str, int]:
        """What one who pays in a currency brings a month on average, rounded half up."""
        return {
            currency: (2 * amount + number) // (2 * number)
            for currency, amount in self.closing.total.items()
            if (number := self.closing.number(currency))
        }


@dataclass(frozen=True)
class Standing:
    """How many there were at a moment, and by plan what they paid a month and used."""

    paying: int
    trialing: int
    past_due: int
    ending: int
    workspaces: int
    plans: list[dict[str, Any]]

    @property
    def conversion(self) -> float | None:
        """The part of all workspaces that pays."""
        return self.paying / self.workspaces if self.workspaces else None


class RevenueRecords:
    """Everything that figures are made of, read once: up to ``end``, money from ``start`` on."""

    def __init__(self, connection: Connection, livemode: bool, start: float, end: float) -> None:
        self._connection = connection
        values = {"livemode": livemode, "end": end}
        self._changes: Sequence[Row[Any]] = connection.execute(CHANGES, values).all()
        self._movements: list[Movement] = movements_of(self._changes)
        self._entries: list[Entry] = entries_since(connection, start)

    def figures(self, span: Span) -> Figures:
        """What a time brought."""
        until = [one for one in self._movements if one.at < span.end]
        opening, closing = payers_at(until, span.start), payers_at(until, span.end)
        return Figures(
            span=span,
            opening=opening,
            closing=closing,
            movements=roll(until, opening, span.start, span.end),
            customers=customer_roll(until, span.start, span.end),
            lost=lost(until, opening, closing),
            trials=trials(self._changes, span.start, span.end),
            receipts=receipts(self._entries, span),
        )

    def months(self, start: float, end: float) -> list[tuple[str, Figures]]:
        """The figures of each month of the calendar (UTC), by names such as ``2026-03``."""
        return [(name_of(one), self.figures(one)) for one in months_between(start, end)]

    def standing(self, span: Span) -> Standing:
        """How things were at the end of a time, and what was used during it."""
        held: dict[str, Row[Any]] = {}
        for one in self._changes:
            if one.at < span.end:
                held[one.subscription_id] = one
        payers = payers_at(self._movements, span.end)
        paying = [one for one in held.values() if one.mrr]
        trialing = {one.workspace_id for one in held.values() if one.status == "trialing"}
        late = {one.workspace_id for one in held.values() if one.status == "past_due"}
        values = {"start": int(span.start), "end": span.end}
        there = [row.id for row in self._connection.execute(WORKSPACES, values)]
        plan_of = dict.fromkeys(there, FREE)
        for one in sorted(held.values(), key=lambda one: (one.status in PAYING, one.mrr)):
            if one.status in PAYING | {"trialing"} and one.workspace_id in plan_of:
                plan_of[one.workspace_id] = one.plan or FREE
        used = self._connection.execute(USED, values).all()
        return Standing(
            paying=len(payers.amounts),
            trialing=len(trialing - payers.amounts.keys()),
            past_due=len(late),
            ending=len({one.workspace_id for one in paying if one.ends_at is not None}),
            workspaces=len(there),
            plans=_plans(plan_of, payers, used),
        )


def _plans(
    plan_of: Mapping[str, str], payers: Payers, used: Sequence[Row[Any]]
) -> list[dict[str, Any]]:
    """By plan: how many workspaces, what they pay a month, and what they used."""
    found: dict[str, dict[str, Any]] = {}
    for workspace_id, plan in plan_of.items():
        one = found.setdefault(plan, {"plan": plan, "workspaces": 0, "monthly": {}, "usage": {}})
        one["workspaces"] += 1
        for currency, amount in payers.amounts.get(workspace_id, {}).items():
            one["monthly"][currency] = one["monthly"].get(currency, 0) + amount
    for row in used:
        if row.workspace_id in plan_of:
            usage = found[plan_of[row.workspace_id]]["usage"]
            usage[row.meter] = usage.get(row.meter, 0) + int(row.quantity)
    return sorted(found.values(), key=lambda one: str(one["plan"]))
