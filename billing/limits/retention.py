"""How long executions are kept at most, by the plan."""

from __future__ import annotations

from sqlalchemy import Connection, text

from billing.accounts.statuses import DAY_S
from billing.limits.entitlements import all_entitlements
from layers.settings import BillingMode, BillingSettings

GRACE_DAYS = 30
"""After a subscription ended, what it kept stays for so long."""
IN_GRACE = text("SELECT workspace_id FROM billing_accounts WHERE ended_at > :since")


def most_days(connection: Connection, settings: BillingSettings, now: float) -> dict[str, int]:
    """For how many days executions are kept at most, by workspace; who is not in it, for ever.

    So many statements for all of them as for one.
    """
    if settings.mode is not BillingMode.ON:
        return {}
    values = {"since": now - GRACE_DAYS * DAY_S}
    in_grace = {row.workspace_id for row in connection.execute(IN_GRACE, values)}
    found = {}
    for workspace_id, granted in all_entitlements(connection, settings, now).items():
        days = granted.limit("retention_days")
        if days is not None and workspace_id not in in_grace:
            found[workspace_id] = days
    return found
