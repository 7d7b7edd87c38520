"""Sends usage to Stripe's meters: what is sent is decided and kept before it goes out.

An hour that got late rows is sent again as a difference; each sending has an identifier of its
own, so that one whose answer was lost counts once (Stripe knows identifiers for a day at least:
https://docs.stripe.com/billing/subscriptions/usage-based/recording-usage).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, bindparam, text

from billing.accounts.accounts import Accounts
from billing.failures import StripeAway, StripeRefused
from billing.usage.ledger import HOUR_S, sum_of
from billing.usage.meters import EVENT_NAMES, METERS_OF
from billing.usage.periods import Period, month_of
from layers import failpoints
from layers.log import logger

OLDEST_S = 34 * 86_400
"""Stripe takes what is younger than 35 days."""
PAYING = text(
    "SELECT workspace_id, customer_id, started_at, anchor FROM billing_accounts"
    " WHERE customer_id IS NOT NULL AND interval = 'month' AND livemode = :livemode"
    " AND status IN ('active','trialing','past_due')"
)
SUMS = text(
    "SELECT hour, sum(quantity) AS quantity FROM usage_hours WHERE workspace_id = :workspace_id"
    " AND meter IN :meters AND hour >= :start GROUP BY hour"
).bindparams(bindparam("meters", expanding=True))
SENT = text(
    "SELECT hour, sum(quantity) AS quantity, count(*) AS number FROM usage_pushes"
    " WHERE workspace_id = :workspace_id AND meter = :meter AND hour >= :start"
    " AND state <> 'refused' GROUP BY hour"
)
INSERT = text(
    "INSERT INTO usage_pushes (id, workspace_id, meter, hour, quantity, occurred_at, state,"
    " created_at) VALUES (:id, :workspace_id, :meter, :hour, :quantity, :occurred_at, 'pending',"
    " :now) ON CONFLICT (id) DO NOTHING"
)
PENDING = text(
    "SELECT p.*, a.customer_id FROM usage_pushes p"
    " JOIN billing_accounts a ON a.workspace_id = p.workspace_id"
    " WHERE p.state = 'pending' ORDER BY p.created_at, p.id LIMIT 200"
)
DONE = text("UPDATE usage_pushes SET state = :state, error = :error, sent_at = :now WHERE id = :id")


class Pusher:
    """Sends the usage of those who pay monthly."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._log = logger("billing")

    def push(self) -> int:
        """Send what Stripe does not know yet; returns how many events went out."""
        self._plan()
        sent = 0
        with self._accounts.database.reading() as connection:
            pending = connection.execute(PENDING).all()
        for row in pending:
            failpoints.hit("usage_push.before_send")
            try:
                self._accounts.gateway.send_usage(
                    {
                        "event_name": EVENT_NAMES[row.meter],
                        "identifier": row.id,
                        "timestamp": int(row.occurred_at),
                        "payload": {
                            "stripe_customer_id": row.customer_id,
                            "value": str(row.quantity),
                        },
                    }
                )
            except StripeAway as error:
                self._log.warning("usage was not sent: %s", error.detail)
                break
            except StripeRefused as error:
                self._log.error("usage %s was refused: %s", row.id, error.detail)
                self._done(row.id, "refused", error.detail)
                continue
            failpoints.hit("usage_push.after_send")
            self._done(row.id, "sent", None)
            sent += 1
        return sent

    def _plan(self) -> None:
        """Write down what is to be sent: the difference between the hours and what was sent."""
        now = self._accounts.clock.now()
        database = self._accounts.database
        with database.reading() as connection:
            values = {"livemode": self._accounts.settings.livemode}
            paying = connection.execute(PAYING, values).all()
        for account in paying:
            with database.reading() as connection:
                wanted = [
                    one
                    for limit in EVENT_NAMES
                    for one in _missing(connection, account, limit, now)
                ]
            if wanted:
                with database.writing() as connection:
                    connection.execute(INSERT, wanted)

    def _done(self, identifier: str, state: str, error: str | None) -> None:
        values = {"id": identifier, "state": state, "error": error}
        with self._accounts.database.writing() as connection:
            connection.execute(DONE, {**values, "now": self._accounts.clock.now()})


def _missing(
    connection: Connection, account: Row[Any], limit: str, now: float
) -> list[dict[str, Any]]:
    """The rows of what Stripe does not know yet; whoever writes them twice writes them once."""
    workspace_id = account.workspace_id
    start = max(int(now - OLDEST_S) // HOUR_S * HOUR_S, int(account.started_at or 0))
    values: dict[str, Any] = {"workspace_id": workspace_id, "start": start // HOUR_S * HOUR_S}
    sent = {
        int(row.hour): (int(row.quantity), int(row.number))
        for row in connection.execute(SENT, values | {"meter": limit})
    }
    found = []
    for begins, quantity in _buckets(connection, account, limit, start, now).items():
        known, number = sent.get(begins, (0, 0))
        if quantity != known:
            found.append(
                {
                    "id": f"{workspace_id}:{limit}:{begins}:{number}",
                    "workspace_id": workspace_id,
                    "meter": limit,
                    "hour": begins,
                    "quantity": quantity - known,
                    "occurred_at": begins,
                    "now": now,
                }
            )
    return found


def _buckets(
    connection: Connection, account: Row[Any], limit: str, start: int, now: float
) -> dict[int, int]:
    """Usage by hour since ``start``; an hour in which a period begins is two."""
    workspace_id, meters = account.workspace_id, list(METERS_OF[limit])
    values = {"workspace_id": workspace_id, "start": start // HOUR_S * HOUR_S, "meters": meters}
    hours = {int(row.hour): int(row.quantity) for row in connection.execute(SUMS, values)}
    for cut in {start, *_boundaries(account.anchor, start, now)}:
        hour = cut // HOUR_S * HOUR_S
        if cut == hour or hour not in hours:
            continue
        before = sum_of(connection, workspace_id, meters, Period(hour, cut))
        after = sum_of(connection, workspace_id, meters, Period(cut, hour + HOUR_S))
        hours[hour], hours[cut] = before, after
    return {begins: number for begins, number in hours.items() if begins >= start}


def _boundaries(anchor: float | None, start: int, now: float) -> list[int]:
    """When months of usage begin between two moments."""
    found = []
    moment = now
    while anchor is not None and (period := month_of(anchor, moment)).start > start:
        found.append(int(period.start))
        moment = period.start - 1
    return found
