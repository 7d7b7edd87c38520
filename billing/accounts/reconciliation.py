"""Once a day: read every customer from Stripe again, and mend what events did not tell."""

from __future__ import annotations

from sqlalchemy import text

from billing.accounts.accounts import Accounts
from billing.accounts.statuses import DAY_S

WANT_ALL = text(
    "UPDATE billing_accounts SET wanted = wanted + 1"
    " WHERE customer_id IS NOT NULL AND livemode = :livemode AND wanted = synchronized"
    " AND (synchronized_at IS NULL OR synchronized_at < :before)"
)


def want_stale(accounts: Accounts, older_s: float = DAY_S) -> int:
    """Have all accounts read again that were not for ``older_s`` seconds; returns how many."""
    values = {"livemode": accounts.settings.livemode, "before": accounts.clock.now() - older_s}
    with accounts.database.writing() as connection:
        return connection.execute(WANT_ALL, values).rowcount
