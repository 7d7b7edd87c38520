"""How long executions are kept at most, by the plan."""

from __future__ import annotations

from sqlalchemy import Connection, text

from billing.accounts.statuses import DAY_S
from billing.limits.entitlements import entitlements_of
from layers.settings import BillingMode, BillingSettings

GRACE_DAYS = 30
"""After a subscription ended, what it kept stays for so long."""
ENDED = text("SELECT ended_at FROM billing_accounts WHERE workspace_id = :workspace_id")


def most_days(
    connection: Connection, settings: BillingSettings, workspace_id: str, now: float
) -> int | None:
    """For how many days executions are kept at most; None for ever."""
    if settings.mode is not BillingMode.ON:
        return None
    found = connection.execute(ENDED, {"workspace_id": workspace_id}).scalar_one_or_none()
    if found is not None and now < found + GRACE_DAYS * DAY_S:
        return None
    return entitlements_of(connection, settings, workspace_id, now).limit("retention_days")
