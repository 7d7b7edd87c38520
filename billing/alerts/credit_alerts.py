"""Tells when prepaid credits are nearly used up, and when some expire soon."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import Connection

from billing.accounts.statuses import DAY_S
from billing.alerts.alert import Alert, open_alerts, raise_alert, resolve
from billing.credits.grants import grants_of, has_any

LOW_PERCENT = 20
"""Of what was given and has not expired, so much is left."""
SOON_S = 14 * DAY_S


def tell_credits(connection: Connection, workspace_id: str, now: float) -> int:
    """Tell each once, and end what is no longer so; returns how many are new."""
    if not has_any(connection, workspace_id):
        return 0
    given: dict[str, int] = defaultdict(int)
    left: dict[str, int] = defaultdict(int)
    wanted: dict[str, Alert] = {}
    for row in grants_of(connection, workspace_id):
        if row.expires_at is not None and row.expires_at <= now:
            continue
        given[row.currency] += row.amount
        left[row.currency] += int(row.amount_left)
        if row.amount_left > 0 and row.expires_at is not None and row.expires_at <= now + SOON_S:
            key = f"credits_expiring:{row.id}"
            detail = {"amount": int(row.amount_left), "currency": row.currency}
            detail |= {"expires_at": row.expires_at}
            wanted[key] = Alert(workspace_id, "credits", key, "warning", detail)
    for currency, amount in given.items():
        if left[currency] * 100 <= amount * LOW_PERCENT:
            key = f"credits_low:{currency}"
            detail = {"amount": left[currency], "currency": currency}
            wanted[key] = Alert(workspace_id, "credits", key, "warning", detail, again=True)
    told = {row.key for row in open_alerts(connection, workspace_id, "credits")}
    for key in told - wanted.keys():
        resolve(connection, workspace_id, key, now)
    return sum(raise_alert(connection, wanted[key], now) for key in sorted(wanted.keys() - told))
