"""Reserve the most that a step may use, settle what it used, release what it did not.

For what is only known afterwards, such as the tokens of a model or processor time. What nobody
settles, because its process died, expires. Budgets are checked here as well: before the call.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from sqlalchemy import Connection, bindparam, text

from billing.limits.entitlements import Entitlements, entitlements_of, upgrade_url
from billing.limits.remedies import reached
from billing.usage.ledger import HOUR_S, record, used_in
from billing.usage.meters import METERS_OF
from layers.clock import rfc3339
from layers.database.models.usage import BUDGETED
from layers.engine.metering import Reservation, Usage
from layers.errors import TreadleError
from layers.settings import BillingSettings

_RESERVED = (
    "SELECT coalesce(sum(amount), 0) FROM usage_reservations WHERE workspace_id = :workspace_id"
    " AND limit_name = :limit_name AND expires_at > :now"
)
_OF = {
    "month": " AND workflow_id = :workflow_id",
    "execution": " AND execution_id = :execution_id",
}
"""Whose usage a budget of a scope is about."""
RESERVED = text(_RESERVED)
RESERVED_OF = {scope: text(_RESERVED + whose) for scope, whose in _OF.items()}
USED_BY_EXECUTION = text(
    "SELECT coalesce(sum(quantity), 0) FROM usage_ledger WHERE execution_id = :execution_id"  # noqa: S608 - our words
    f" AND workspace_id = :workspace_id AND meter IN :meters AND {BUDGETED}"
).bindparams(bindparam("meters", expanding=True))
USED_IN_MONTH = text(
    "SELECT (SELECT coalesce(sum(quantity), 0) FROM usage_ledger"
    " WHERE workspace_id = :workspace_id AND workflow_id = :workflow_id AND meter IN :meters"
    " AND occurred_at >= :start AND occurred_at < :first_hour)"
    " + (SELECT coalesce(sum(quantity), 0) FROM usage_hours"
    " WHERE workspace_id = :workspace_id AND workflow_id = :workflow_id AND meter IN :meters"
    " AND hour >= :first_hour)"
).bindparams(bindparam("meters", expanding=True))
"""Of a month: the hours that are added up already, and the beginning of one before them."""
BUDGETS = text(
    "SELECT scope, amount, workflow_id FROM budgets WHERE workspace_id = :workspace_id"
    " AND meter = :limit_name AND (workflow_id IS NULL OR workflow_id = :workflow_id)"
)
ANY_BUDGET = text(
    "SELECT 1 FROM budgets WHERE workspace_id = :workspace_id AND meter = :limit_name"
    " AND (workflow_id IS NULL OR workflow_id = :workflow_id) LIMIT 1"
)
INSERT = text(
    "INSERT INTO usage_reservations (id, workspace_id, limit_name, amount, workflow_id,"
    " execution_id, expires_at) VALUES (:id, :workspace_id, :limit_name, :amount, :workflow_id,"
    " :execution_id, :expires_at) ON CONFLICT (id) DO UPDATE SET amount = excluded.amount,"
    " expires_at = excluded.expires_at"
)
# Not FOR UPDATE: whatever is written in the workspace looks at that row, to see that it exists.
LOCK = text("SELECT id FROM workspaces WHERE id = :workspace_id FOR NO KEY UPDATE")
DELETE = text("DELETE FROM usage_reservations WHERE id = :id")
EXPIRE = text("DELETE FROM usage_reservations WHERE expires_at <= :now")


class BudgetReached(TreadleError):
    """A budget of this workspace has no more room for that."""

    status = HTTPStatus.PAYMENT_REQUIRED

    def __init__(self, detail: str, **members: int | str | None) -> None:
        super().__init__(detail)
        self.more = dict(members)


def reserve(
    connection: Connection,
    settings: BillingSettings,
    public_url: str,
    reservation: Reservation,
    now: float,
) -> None:
    """Keep room for what a step may use; raises LimitReached or BudgetReached, keeping nothing."""
    if connection.dialect.name != "sqlite":
        connection.execute(LOCK, {"workspace_id": reservation.workspace_id})
    held = entitlements_of(connection, settings, reservation.workspace_id, now)
    values = asdict(reservation) | {"now": now}
    connection.execute(DELETE, {"id": reservation.id})
    if reservation.limit_name in METERS_OF:
        _check_limit(connection, held, values, reservation, public_url)
    for budget in connection.execute(BUDGETS, values).all():
        _check_budget(connection, budget, held, values, reservation, public_url)
    connection.execute(INSERT, values)


def settle(connection: Connection, reservation_id: str, used: Sequence[Usage], now: float) -> None:
    """Give up a reservation for what was really used, in one transaction."""
    connection.execute(DELETE, {"id": reservation_id})
    if used:
        record(connection, used, now)


def has_budgets(
    connection: Connection, workspace_id: str, workflow_id: str, limit_name: str
) -> bool:
    """Whether a workspace set any budget for that which is about this workflow."""
    values = {
        "workspace_id": workspace_id,
        "workflow_id": workflow_id,
        "limit_name": limit_name,
    }
    return connection.execute(ANY_BUDGET, values).first() is not None


def settle_used(connection: Connection, source_ids: Sequence[str]) -> None:
    """Give up the reservations of what is on record now."""
    connection.execute(DELETE, [{"id": source_id} for source_id in source_ids])


def release(connection: Connection, reservation_id: str) -> None:
    """Give up a reservation of which nothing was used."""
    connection.execute(DELETE, {"id": reservation_id})


def expire(connection: Connection, now: float) -> int:
    """Clear away what nobody settled in time; returns how many."""
    return connection.execute(EXPIRE, {"now": now}).rowcount


def _check_limit(
    connection: Connection,
    held: Entitlements,
    values: dict[str, Any],
    reservation: Reservation,
    public_url: str,
) -> None:
    ceiling = held.ceiling(reservation.limit_name)
    if ceiling is None:
        return
    used = used_in(
        connection, reservation.workspace_id, reservation.limit_name, held.period, lock=True
    )
    reserved = int(connection.execute(RESERVED, values).scalar_one())
    if used + reserved + reservation.amount > ceiling:
        raise reached(
            held,
            reservation.limit_name,
            used,
            public_url,
            wanted=reservation.amount,
            reserved=reserved,
        ).error()


def _check_budget(
    connection: Connection,
    budget: Any,
    held: Entitlements,
    values: dict[str, Any],
    reservation: Reservation,
    public_url: str,
) -> None:
    start = held.period.start
    meters = METERS_OF.get(reservation.limit_name, (reservation.limit_name,))
    counted = values | {"meters": list(meters), "start": start}
    counted |= {"first_hour": math.ceil(start / HOUR_S) * HOUR_S}
    is_monthly = budget.scope == "month"
    statement = USED_IN_MONTH if is_monthly else USED_BY_EXECUTION
    used = int(connection.execute(statement, counted).scalar_one())
    reserved = int(connection.execute(RESERVED_OF[budget.scope], values).scalar_one())
    if used + reserved + reservation.amount > budget.amount:
        whose = "execution" if budget.scope == "execution" else "workflow and month"
        meter = reservation.limit_name.replace("_", " ")
        raise BudgetReached(
            f"The budget of {budget.amount} {meter} for each {whose} does not allow"
            f" {reservation.amount} more: {used + reserved} are used or reserved. An owner of the"
            " workspace can raise it.",
            meter=reservation.limit_name,
            limit=budget.amount,
            used=used,
            resets_at=rfc3339(held.period.end) if is_monthly else None,
            upgrade_url=f"{upgrade_url(public_url)}?tab=budgets",
        )
