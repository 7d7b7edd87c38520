"""The usage ledger: rows that are written once, and the sums that are kept up beside them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, text

from billing.limits.entitlements import Entitlements
from billing.overage.admitted import judge
from billing.usage.bulk_insert import write_rows
from billing.usage.meters import METERS, METERS_OF
from billing.usage.periods import Period
from layers.engine.metering import Usage

HOUR_S = 3600
_HourKey = tuple[str, str, int, str, str]
_CounterKey = tuple[str, str, float]
INSERT = (
    "INSERT INTO usage_ledger (workspace_id, meter, source_id, quantity, occurred_at,"
    " recorded_at, workflow_id, execution_id, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT DO NOTHING"
)
ADD_HOUR = (
    "INSERT INTO usage_hours (workspace_id, meter, hour, workflow_id, detail, quantity)"
    " VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (workspace_id, meter, hour, workflow_id, detail)"
    " DO UPDATE SET quantity = usage_hours.quantity + excluded.quantity"
)
ADD_COUNTER = (
    "UPDATE usage_counters SET used = used + ? WHERE workspace_id = ? AND limit_name = ?"
    " AND period_start <= ? AND period_end > ?"
)
READ_HOUR = text(
    "SELECT coalesce(sum(quantity), 0) FROM usage_ledger WHERE workspace_id = :workspace_id"
    " AND occurred_at >= :hour AND occurred_at < :hour + 3600 AND meter = :meter"
    " AND coalesce(workflow_id, '') = :workflow_id AND detail = :detail"
)
SET_HOUR = text(
    "INSERT INTO usage_hours (workspace_id, meter, hour, workflow_id, detail, quantity)"
    " VALUES (:workspace_id, :meter, :hour, :workflow_id, :detail, :quantity)"
    " ON CONFLICT (workspace_id, meter, hour, workflow_id, detail)"
    " DO UPDATE SET quantity = excluded.quantity"
)
COUNTERS_AT = (
    "SELECT limit_name, period_start, period_end FROM usage_counters"
    " WHERE workspace_id = :workspace_id AND limit_name = :limit_name"
    " AND period_start <= :occurred_at AND period_end > :occurred_at"
)
LOOK_COUNTERS_AT = text(COUNTERS_AT)
LOCK_COUNTERS_AT = text(COUNTERS_AT + " ORDER BY period_start FOR UPDATE")
SET_COUNTER = text(
    "UPDATE usage_counters SET used = :used WHERE workspace_id = :workspace_id"
    " AND limit_name = :limit_name AND period_start = :start"
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


def record(
    connection: Connection,
    usages: Sequence[Usage],
    now: float,
    known: Mapping[str, Entitlements] | None = None,
) -> None:
    """Write usages into the ledger and add them up; those on record already change nothing.

    What of them goes beyond the plan is written down with them. ``known`` are the entitlements
    of workspaces where the caller has read them already, and all their usage is of now.
    """
    judgement = judge(connection, usages, now, known)
    if judgement is None:
        _write(connection, usages, now)
        return
    used = {key: used_in(connection, *key, lock=True) for key in judgement.months}
    places = judgement.fresh(connection)
    if places:
        _write(connection, [usages[place] for place in places], now)
        judgement.write(connection, places, used, now)


def _write(connection: Connection, usages: Sequence[Usage], now: float) -> None:
    rows = []
    hours: dict[_HourKey, int] = defaultdict(int)
    counters: dict[_CounterKey, int] = defaultdict(int)
    for one in usages:
        workspace_id, meter, at = one.workspace_id, one.meter, one.occurred_at
        rows.append(
            (
                *(workspace_id, meter, one.source_id, one.quantity, at, now),
                *(one.workflow_id, one.execution_id, one.detail),
            )
        )
        hour = int(at // HOUR_S) * HOUR_S
        hours[workspace_id, meter, hour, one.workflow_id or "", one.detail] += one.quantity
        limit = METERS[meter].limit
        if limit is not None:
            counters[workspace_id, limit, at] += one.quantity
    if write_rows(connection, INSERT, rows) != len(rows):
        # Some were there already, which is rare: then all that they touch is summed up anew.
        recount(connection, hours, counters)
        return
    # In one order, so that two who write into the same rows cannot wait for each other.
    if counters:
        added = [(counters[key], *key, key[2]) for key in sorted(counters)]
        write_rows(connection, ADD_COUNTER, added)
    write_rows(connection, ADD_HOUR, [(*key, hours[key]) for key in sorted(hours)])


def recount(
    connection: Connection, hours: Iterable[_HourKey], counters: Iterable[_CounterKey]
) -> None:
    """Set hours, and the counters of the periods that moments are in, to what the ledger says."""
    lock = LOOK_COUNTERS_AT if connection.dialect.name == "sqlite" else LOCK_COUNTERS_AT
    for key in sorted(counters):
        workspace_id, limit, moment = key
        values = {"workspace_id": workspace_id, "limit_name": limit, "occurred_at": moment}
        for row in connection.execute(lock, values).all():
            set_counter(connection, workspace_id, limit, Period(row.period_start, row.period_end))
    for hour in sorted(hours):
        quantity = connection.execute(READ_HOUR, _hour(hour, 0)).scalar_one()
        connection.execute(SET_HOUR, _hour(hour, quantity))


def set_counter(connection: Connection, workspace_id: str, limit: str, period: Period) -> int:
    """Set the counter of a period to what the ledger says; returns that."""
    used = sum_of(connection, workspace_id, METERS_OF[limit], period)
    values = {"workspace_id": workspace_id, "limit_name": limit, "start": period.start}
    connection.execute(SET_COUNTER, {**values, "used": used})
    return used


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


def _hour(key: _HourKey, quantity: int) -> dict[str, Any]:
    names = ("workspace_id", "meter", "hour", "workflow_id", "detail")
    return {**dict(zip(names, key, strict=True)), "quantity": quantity}
