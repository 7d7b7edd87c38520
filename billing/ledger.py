"""The usage ledger: rows that are written once, and the sums that are kept up beside them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, text
from sqlalchemy.exc import IntegrityError

from billing.meters import METERS, METERS_OF
from billing.periods import Period
from layers.engine.metering import Usage

HOUR_S = 3600
COLUMNS = (
    "(workspace_id, meter, source_id, quantity, occurred_at, recorded_at, workflow_id,"
    " execution_id, detail) VALUES (:workspace_id, :meter, :source_id, :quantity, :occurred_at,"
    " :recorded_at, :workflow_id, :execution_id, :detail)"
)
INSERT = text(f"INSERT INTO usage_ledger {COLUMNS}")
INSERT_NEW = text(f"INSERT INTO usage_ledger {COLUMNS} ON CONFLICT DO NOTHING")
ADD_HOUR = text(
    "INSERT INTO usage_hours (workspace_id, meter, hour, workflow_id, detail, quantity)"
    " VALUES (:workspace_id, :meter, :hour, :workflow_id, :detail, :quantity)"
    " ON CONFLICT (workspace_id, meter, hour, workflow_id, detail)"
    " DO UPDATE SET quantity = usage_hours.quantity + excluded.quantity"
)
ADD_COUNTER = text(
    "UPDATE usage_counters SET used = used + :quantity WHERE workspace_id = :workspace_id"
    " AND limit_name = :limit_name AND period_start <= :occurred_at AND period_end > :occurred_at"
)
SUM = text(
    "SELECT coalesce(sum(quantity), 0) FROM usage_ledger WHERE workspace_id = :workspace_id"
    " AND occurred_at >= :start AND occurred_at < :end AND meter IN :meters"
).bindparams(bindparam("meters", expanding=True))
BEGIN_COUNTER = text(
    "INSERT INTO usage_counters (workspace_id, limit_name, period_start, period_end, used)"
    " VALUES (:workspace_id, :limit_name, :start, :end, :used) ON CONFLICT DO NOTHING"
)
READ_COUNTER = (
    "SELECT used FROM usage_counters WHERE workspace_id = :workspace_id"
    " AND limit_name = :limit_name AND period_start = :start"
)
LOOK_COUNTER = text(READ_COUNTER)
LOCK_COUNTER = text(READ_COUNTER + " FOR UPDATE")


def record(connection: Connection, usages: Sequence[Usage], now: float) -> None:
    """Write usages into the ledger and add them up; those on record already change nothing."""
    rows = [_row(usage, now) for usage in usages]
    new = _insert(connection, rows)
    if not new:
        return
    hours: dict[tuple[Any, ...], int] = defaultdict(int)
    counters: dict[tuple[Any, ...], int] = defaultdict(int)
    for row in new:
        hour = int(row["occurred_at"] // HOUR_S) * HOUR_S
        key = row["workspace_id"], row["meter"], hour, row["workflow_id"] or "", row["detail"]
        hours[key] += row["quantity"]
        limit = METERS[row["meter"]].limit
        if limit is not None:
            counters[row["workspace_id"], limit, row["occurred_at"]] += row["quantity"]
    # In one order, so that two who write into the same rows cannot wait for each other.
    if counters:
        connection.execute(ADD_COUNTER, _counted(counters))
    names = ("workspace_id", "meter", "hour", "workflow_id", "detail")
    connection.execute(
        ADD_HOUR,
        [{**dict(zip(names, key, strict=True)), "quantity": hours[key]} for key in sorted(hours)],
    )


def used_in(
    connection: Connection, workspace_id: str, limit: str, period: Period, *, lock: bool = False
) -> int:
    """What of a limit is used within a period; with ``lock`` nobody else admits meanwhile."""
    values = {
        "workspace_id": workspace_id,
        "limit_name": limit,
        "start": period.start,
        "end": period.end,
    }
    locking = lock and connection.dialect.name != "sqlite"
    statement = LOCK_COUNTER if locking else LOOK_COUNTER
    found: int | None = connection.execute(statement, values).scalar_one_or_none()
    if found is not None:
        return found
    used = sum_of(connection, workspace_id, METERS_OF[limit], period)
    if not lock:
        return used
    connection.execute(BEGIN_COUNTER, {**values, "used": used})
    return int(connection.execute(statement, values).scalar_one())


def sum_of(connection: Connection, workspace_id: str, meters: Sequence[str], period: Period) -> int:
    """What the ledger itself says was used of some meters."""
    values = {
        "workspace_id": workspace_id,
        "meters": list(meters),
        "start": period.start,
        "end": period.end,
    }
    return int(connection.execute(SUM, values).scalar_one())


def _row(usage: Usage, now: float) -> dict[str, Any]:
    return {
        "workspace_id": usage.workspace_id,
        "meter": usage.meter,
        "source_id": usage.source_id,
        "quantity": usage.quantity,
        "occurred_at": usage.occurred_at,
        "recorded_at": now,
        "workflow_id": usage.workflow_id,
        "execution_id": usage.execution_id,
        "detail": usage.detail,
    }


def _insert(connection: Connection, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Insert rows; returns those that were not there."""
    try:
        with connection.begin_nested():
            connection.execute(INSERT, rows)
    except IntegrityError:
        # Some are there already, which is rare: then one by one.
        return [row for row in rows if connection.execute(INSERT_NEW, row).rowcount]
    return rows


def _counted(counters: dict[tuple[Any, ...], int]) -> list[dict[str, Any]]:
    names = ("workspace_id", "limit_name", "occurred_at")
    return [
        {**dict(zip(names, key, strict=True)), "quantity": counters[key]}
        for key in sorted(counters)
    ]
