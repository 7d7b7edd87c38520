"""Tells when a limit is half used, nearly used up or reached, and when much more is used."""

from __future__ import annotations

from sqlalchemy import Connection, text

from billing.accounts.statuses import DAY_S
from billing.alerts.alert import Alert, raise_alert
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
TOLD = text(
    "SELECT key FROM billing_alerts WHERE workspace_id = :workspace_id AND kind = 'usage'"
    " AND created_at >= :start"
)
FORGET = text("DELETE FROM billing_alerts WHERE workspace_id = :workspace_id AND key = :key")


def tell_usage(connection: Connection, held: Entitlements, used: list[LimitUse], now: float) -> int:
    """Tell of each limit and share once in a month of usage; returns how many are new."""
    told = _told(connection, held)
    new = 0
    for one in used:
        if not one.ceiling:
            continue
        percent = one.used * 100 / one.ceiling
        reached = [share for share in SHARES if percent >= share]
        _forget_left(connection, held, one.name, percent, told)
        for share in reached:
            key = _key(held, one.name, share)
            # Of several at once only the highest is news.
            if key in told or share != reached[-1]:
                continue
            level = "error" if share == 100 else "warning" if share == 80 else "info"
            detail = {"limit": one.name, "share": share, "used": one.used, "of": one.ceiling}
            alert = Alert(held.workspace_id, "usage", key, level, detail)
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
    return raise_alert(connection, Alert(held.workspace_id, "usage", key, "error", detail), now)


def _told(connection: Connection, held: Entitlements) -> set[str]:
    values = {"workspace_id": held.workspace_id, "start": held.period.start}
    return {row.key for row in connection.execute(TOLD, values)}


def _forget_left(
    connection: Connection, held: Entitlements, name: str, percent: float, told: set[str]
) -> None:
    """What is far from a share again, since the plan is larger, may be told once more."""
    for share in SHARES:
        key = _key(held, name, share)
        if key in told and percent < share - HYSTERESIS:
            connection.execute(FORGET, {"workspace_id": held.workspace_id, "key": key})
            told.discard(key)


def _key(held: Entitlements, name: str, share: int) -> str:
    return f"usage:{name}:{share}:{int(held.period.start)}"


def _tell_unusual(connection: Connection, workspace_id: str, now: float) -> int:
    """Ten times as many executions within a day as the days before had on average."""
    rows = connection.execute(LAST_DAYS, {"workspace_id": workspace_id, "now": now})
    by_day = {int(row.day): int(row.quantity) for row in rows}
    today = by_day.pop(0, 0) + by_day.pop(-1, 0)
    usual = sum(by_day.values()) / 7
    if today < LEAST_UNUSUAL or not usual or today < usual * TIMES_USUAL:
        return 0
    key = f"unusual_spend:{int(now // DAY_S)}"
    detail = {"today": today, "usual": round(usual)}
    return raise_alert(
        connection, Alert(workspace_id, "unusual_spend", key, "warning", detail), now
    )
