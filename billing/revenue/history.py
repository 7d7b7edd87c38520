"""Writes the history of subscriptions, in the transaction that stores what was read of Stripe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Row, text

from billing.revenue.states import KnownTimes, State, states_since, vanished

COLUMNS = (
    *("subscription_id", "at", "status", "plan", "plan_number", "interval", "currency", "seats"),
    *("amount", "discount", "first_paid_at", "ends_at", "reason"),
)
LAST = text(
    "SELECT c.* FROM subscription_changes c WHERE c.workspace_id = :workspace_id AND c.number ="
    " (SELECT max(o.number) FROM subscription_changes o"
    " WHERE o.subscription_id = c.subscription_id) AND c.livemode = :livemode"
)
ADD = text(
    "INSERT INTO subscription_changes (workspace_id, livemode, number, recorded_at, mrr, "  # noqa: S608 - names
    + ", ".join(COLUMNS)
    + ") VALUES (:workspace_id, :livemode, :number, :recorded_at, :mrr, "
    + ", ".join(f":{name}" for name in COLUMNS)
    + ")"
)
REFUSED = text(
    "SELECT max(created_at) FROM payments WHERE workspace_id = :workspace_id"
    " AND status = 'failed' AND created_at <= :now"
)
EVENT = text(
    "SELECT max(created_at) FROM stripe_events WHERE customer_id = :customer_id"
    " AND livemode = :livemode AND type LIKE 'customer.%'"
)


@dataclass(frozen=True)
class History:
    """What Stripe said of a customer; ``discounts`` by subscription, for those that were read."""

    subscriptions: Sequence[Mapping[str, Any]]
    invoices: Sequence[Mapping[str, Any]]
    discounts: Mapping[str, int]


def record_changes(connection: Connection, account: Row[Any], found: History, now: float) -> None:
    """Add what has changed since the account was read last; read again the same, that is nothing.

    ``account`` is the row as it was before.
    """
    if account.livemode is None:
        return
    values = {"workspace_id": account.workspace_id, "livemode": account.livemode}
    last = {row.subscription_id: row for row in connection.execute(LAST, values)}
    customer = {"customer_id": account.customer_id, "livemode": account.livemode}
    times = KnownTimes(
        before=account.synchronized_at or account.created_at,
        now=now,
        event_at=connection.execute(EVENT, customer).scalar_one(),
        refused_at=connection.execute(REFUSED, {**values, "now": now}).scalar_one(),
    )
    rows = []
    for subscription in sorted(found.subscriptions, key=lambda one: float(one["created"])):
        row = last.get(subscription["id"])
        former = None if row is None else _state(row)
        number = 0 if row is None else row.number
        known = 0 if former is None else former.discount
        discount = found.discounts.get(subscription["id"], known)
        for state in states_since(former, subscription, discount, found.invoices, times):
            number += 1
            own = {"number": number, "recorded_at": now, "mrr": state.mrr}
            rows.append({**values, **asdict(state), **own})
    there = {one["id"] for one in found.subscriptions}
    for row in last.values():
        if row.subscription_id not in there and row.reason is None:
            # With its customer Stripe deletes it, which nothing is to be read of any more.
            state = vanished(_state(row), times)
            own = {"number": row.number + 1, "recorded_at": now, "mrr": state.mrr}
            rows.append({**values, **asdict(state), **own})
    if rows:
        connection.execute(ADD, rows)


def _state(row: Row[Any]) -> State:
    return State(**{name: getattr(row, name) for name in COLUMNS})
