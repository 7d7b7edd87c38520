"""Tells when a limit is half used, nearly used up or reached, and when much more is used."""

from __future__ import annotations

from sqlalchemy import Connection, text

from billing.accounts.statuses import DAY_S
from billing.alerts.alert import Alert, open_alerts, raise_alert, resolve
from billing.limits.entitlements import Entitlements
from billing.usage.reports import LimitUse

SHARES = (50, 80, 100)
HYSTERESIS = 5
"""After a larger plan a share is told again only once usage was so many percent below it."""
TIMES_USUAL = 10
LEAST_UNUSUAL = 100
LAST_DAYS = text(
    "SELECT CAST(floor((:now - occurred_hour) / 86400) AS BIGINT) AS day, sum(quantity) AS quantity"
    " FROM (SELECT hour AS occurred_hour, quantity FROM usage_hours"
    " WHERE workspace_id = :workspace_id AND meter = 'executions' AND hour > :now - 691200) AS h"
    " GROUP BY 1"
)

TOLD_OF_STORAGE = text(
    "SELECT DISTINCT workspace_id FROM billing_alerts WHERE kind = 'usage'"
    " AND resolved_at IS NULL AND key LIKE 'usage:storage_bytes:%'"
)


def tell_usage(connection: Connection, held: Entitlements, used: list[LimitUse], now: float) -> int:
    """Tell of each limit and share once in a month of usage; returns how many are new.

    What is said of a month that is over, or of a limit that is far away again, ends.
    """
    told = {row.key for row in open_alerts(connection, held.workspace_id, "usage")}
    _end_former(connection, held, told, now)
    new = 0
    for one in used:
        percent = one.used * 100 / one.ceiling if one.ceiling else 0.0
        reached = [share for share in SHARES if percent >= share]
        _end_left(connection, held, one.name, percent, told, now)
        for share in reached:
            key = _key(held, one.name, share)
            # Of several at once only the highest is news.
            if key in told or share != reached[-1]:
                continue
            level = "error" if share == 100 else "warning" if share == 80 else "info"
            detail = {"limit": one.name, "share": share, "used": one.used, "of": one.ceiling}
            alert = Alert(held.workspace_id, "usage", key, level, detail, again=True)
            new += raise_alert(connection, alert, now)
    return new + _tell_unusual(connection, held.workspace_id, now)


def is_too_much(held: Entitlements, stored: int) -> bool:
    """Whether as many bytes are stored as the plan includes, or more."""
    most = held.limit("storage_bytes")
    return most is not None and stored >= most


def tell_storage(connection: Connection, held: Entitlements, stored: int, now: float) -> bool:
    """Tell once a month that it is too much; says whether that is new."""
    key = _key(held, "storage_bytes", 100)
    most = held.limit("storage_bytes")
    detail = {"limit": "storage_bytes", "share": 100, "used": stored, "of": most}
    alert = Alert(held.workspace_id, "usage", key, "error", detail, again=True)
    return raise_alert(connection, alert, now)


def told_of_storage(connection: Connection) -> set[str]:
    """The workspaces that were told that it is too much, for which that holds still."""
    return set(connection.scalars(TOLD_OF_STORAGE))


def end_storage(connection: Connection, held: Entitlements, now: float) -> None:
    """There is room again: what was told of it is no longer so."""
    for row in open_alerts(connection, held.workspace_id, "usage"):
        if row.key.startswith("usage:storage_bytes:"):
            resolve(connection, held.workspace_id, row.key, now)


def _end_former(connection: Connection, held: Entitlements, told: set[str], now: float) -> None:
    """A month that is over has nothing to say any more; what is stored stays stored."""
    current = f":{int(held.period.start)}"
    for key in sorted(told):
        if not key.endswith(current) and not key.startswith("usage:storage_bytes:"):
            resolve(connection, held.workspace_id, key, now)
            told.discard(key)


def _end_left(
    connection: Connection,
    held: Entitlements,
    name: str,
    percent: float,
    told: set[str],
    now: float,
) -> None:
    """What is far from a share again, since the plan is larger, may be told once more."""
    for share in SHARES:
        key = _key(held, name, share)
        if key in told and percent < share - HYSTERESIS:
            resolve(connection, held.workspace_id, key, now)
            told.discard(key)


def _key(held: Entitlements, name: str, share: int) -> str:
    return f"usage:{name}:{share}:{int(held.period.start)}"


def _tell_unusual(connection: Connection, workspace_id: str, now: float) -> int:
    """Ten times as many executions within a day as the days before had on average."""
    rows = connection.execute(LAST_DAYS, {"workspace_id": workspace_id, "now": now})
    by_day = {int(row.day): int(row.quantity) for row in rows}
    today = by_day.pop(0, 0) + by_day.pop(-1, 0)
    key = f"unusual_spend:{int(now // DAY_S)}"
    for row in open_alerts(connection, workspace_id, "unusual_spend"):
        if row.key != key:
            resolve(connection, workspace_id, row.key, now)
    usual = sum(by_day.values()) / 7
    if today < LEAST_UNUSUAL or not usual or today < usual * TIMES_USUAL:
        return 0
    detail = {"today": today, "usual": round(usual)}
    return raise_alert(
        connection, Alert(workspace_id, "unusual_spend", key, "warning", detail), now
    )
