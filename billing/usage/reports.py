"""What a workspace used: by hour or day, by meter, by workflow; and where that leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Row, bindparam, text

from billing.accounts.statuses import DAY_S
from billing.limits.entitlements import Entitlements
from billing.usage.ledger import HOUR_S, sum_of, used_in
from billing.usage.meters import COUNTED_LIMITS, METERS, METERS_OF
from billing.usage.periods import Period

STEP_S = {"hour": HOUR_S, "day": 86_400}
Granularity = Literal["hour", "day"]
POINTS = text(
    "SELECT meter, detail, hour - (hour % :step) AS start, sum(quantity) AS quantity"
    " FROM usage_hours WHERE workspace_id = :workspace_id AND hour >= :start AND hour < :end"
    " GROUP BY meter, detail, hour - (hour % :step) ORDER BY 3, 1, 2"
)
BY_WORKFLOW = text(
    "SELECT u.workflow_id, w.name, u.meter, sum(u.quantity) AS quantity FROM usage_hours u"
    " LEFT JOIN workflows w ON w.id = u.workflow_id AND w.workspace_id = u.workspace_id"
    " WHERE u.workspace_id = :workspace_id AND u.hour >= :start AND u.hour < :end"
    " AND u.workflow_id <> '' GROUP BY u.workflow_id, w.name, u.meter ORDER BY 4 DESC"
)
LEDGER_HOURS = text(
    "SELECT meter, CAST(floor(occurred_at / 3600) AS BIGINT) * 3600 AS hour,"
    " coalesce(workflow_id, '') AS workflow_id, detail, sum(quantity) AS quantity"
    " FROM usage_ledger WHERE workspace_id = :workspace_id"
    " AND occurred_at >= :start AND occurred_at < :end"
    " GROUP BY meter, 2, coalesce(workflow_id, ''), detail"
)
SUM_HOURS = text(
    "SELECT coalesce(sum(quantity), 0) FROM usage_hours WHERE workspace_id = :workspace_id"
    " AND hour >= :start AND hour < :end AND meter IN :meters"
).bindparams(bindparam("meters", expanding=True))
KEPT_HOURS = text(
    "SELECT meter, hour, workflow_id, detail, quantity FROM usage_hours"
    " WHERE workspace_id = :workspace_id AND hour >= :start AND hour < :end"
)


@dataclass(frozen=True)
class LimitUse:
    """A limit that fills up: what is included, what can be used at most, and what is used."""

    name: str
    included: int | None
    ceiling: int | None
    used: int
    forecast: int
    """What will be used at the end of the month of usage, if it goes on as so far."""
    reached_at: float | None
    """When the ceiling will be reached at this pace; None: not within this month."""


def limits_used(connection: Connection, held: Entitlements, now: float) -> list[LimitUse]:
    """How far each limit that fills up is used in the current month of usage."""
    found = []
    for name in COUNTED_LIMITS:
        ceiling = held.ceiling(name)
        if ceiling is None:
            # Nobody keeps a counter where there is no limit; hours are near enough.
            used = _hours_sum(connection, held.workspace_id, METERS_OF[name], held.period)
        else:
            used = used_in(connection, held.workspace_id, name, held.period)
        forecast, reached_at = project(used, ceiling, held.period, now)
        found.append(LimitUse(name, held.limit(name), ceiling, used, forecast, reached_at))
    return found


def project(used: int, ceiling: int | None, period: Period, now: float) -> tuple[int, float | None]:
    """Where usage leads by the end of a period at the pace so far, and when it reaches a ceiling.

    In a period's first day the pace is that of a whole day, so that one busy minute says little.
    """
    passed = max(now - period.start, min(DAY_S, period.end - period.start))
    pace = used / passed
    forecast = max(used, round(used + pace * (period.end - now)))
    if ceiling is None or forecast <= ceiling:
        return forecast, None
    if used >= ceiling:
        return forecast, now
    return forecast, now + (ceiling - used) / pace


def points(
    connection: Connection, workspace_id: str, period: Period, granularity: Granularity
) -> Sequence[Row[Any]]:
    """Sums by hour or day (UTC): rows of ``meter``, ``detail``, ``start``, ``quantity``."""
    values = _hours(workspace_id, period) | {"step": STEP_S[granularity]}
    return connection.execute(POINTS, values).all()


def by_workflow(connection: Connection, workspace_id: str, period: Period) -> Sequence[Row[Any]]:
    """Sums by workflow: rows of ``workflow_id``, ``name``, ``meter``, ``quantity``."""
    return connection.execute(BY_WORKFLOW, _hours(workspace_id, period)).all()


def recomputed(connection: Connection, workspace_id: str, period: Period) -> dict[str, int]:
    """What was used by meter, from the ledger alone."""
    return {name: sum_of(connection, workspace_id, (name,), period) for name in METERS}


def differences(
    connection: Connection, workspace_id: str, period: Period
) -> dict[tuple[str, int, str, str], tuple[int, int]]:
    """Hours whose sum is not the ledger's: what is kept, and what it should be.

    The period is taken by whole hours.
    """
    values = _hours(workspace_id, period)
    kept = {_key(row): row.quantity for row in connection.execute(KEPT_HOURS, values)}
    real = {_key(row): int(row.quantity) for row in connection.execute(LEDGER_HOURS, values)}
    keys = kept.keys() | real.keys()
    return {
        key: (kept.get(key, 0), real.get(key, 0))
        for key in keys
        if kept.get(key, 0) != real.get(key, 0)
    }


def _hours_sum(
    connection: Connection, workspace_id: str, meters: Sequence[str], period: Period
) -> int:
    values = {**_hours(workspace_id, period), "meters": list(meters)}
    return int(connection.execute(SUM_HOURS, values).scalar_one())


def _key(row: Row[Any]) -> tuple[str, int, str, str]:
    return row.meter, int(row.hour), row.workflow_id, row.detail


def _hours(workspace_id: str, period: Period) -> dict[str, Any]:
    """Whole hours: every hour that the period touches."""
    return {
        "workspace_id": workspace_id,
        "start": int(period.start // HOUR_S) * HOUR_S,
        "end": -int(-period.end // HOUR_S) * HOUR_S,
    }
