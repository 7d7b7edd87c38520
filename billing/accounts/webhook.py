"""Events of Stripe's: checked on their raw body, taken once, acted upon afterwards.

An event is only a hint: its one effect is the request to read the customer again, stored with its
id in one transaction (https://docs.stripe.com/webhooks).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from billing.accounts.account_row import want
from billing.accounts.accounts import Accounts
from billing.accounts.event import Event, read_event
from billing.failures import BadSignature, WebhookNotConfigured
from billing.payments.kept import workspace_of
from layers import failpoints

KNOWN = text(
    "SELECT workspace_id FROM billing_accounts WHERE customer_id = :customer_id"
    " AND livemode = :livemode"
)
INSERT = text(
    "INSERT INTO stripe_events (id, type, customer_id, workspace_id, livemode, created_at,"
    " received_at) VALUES (:id, :type, :customer_id, :workspace_id, :livemode, :created,"
    " :now) ON CONFLICT (id) DO NOTHING"
)


@dataclass(frozen=True)
class EventResult:
    """What became of an event: whose it is, and whether it was there before."""

    workspace_id: str | None
    duplicate: bool = False


def take(accounts: Accounts, payload: bytes, signature: str | None) -> EventResult:
    """Check an event and keep it; raises WebhookNotConfigured or BadSignature.

    What is no event of Stripe's, in shape or size, is stored as little as what is not signed.
    """
    if not accounts.settings.webhook_secrets:
        raise WebhookNotConfigured
    event = read_event(accounts.gateway.read_event(payload, signature))
    if event.livemode is not accounts.gateway.livemode:
        mode = "live" if accounts.gateway.livemode else "test"
        raise BadSignature(f"This instance is in {mode} mode, the event is not.")
    values: dict[str, Any] = {
        "id": event.id,
        "type": event.type,
        "customer_id": event.customer_id,
        "livemode": event.livemode,
        "created": event.created,
        "now": accounts.clock.now(),
    }
    with accounts.database.writing() as connection:
        found = connection.execute(KNOWN, values).scalar_one_or_none()
        found = found or _of_payment(connection, event)
        new = connection.execute(INSERT, {**values, "workspace_id": found}).rowcount
        if new and found is not None:
            want(connection, found)
        failpoints.hit("stripe_event.before_commit")
    return EventResult(found, duplicate=not new)


def _of_payment(connection: Connection, event: Event) -> str | None:
    """Whose payment a dispute or a refund is of: they do not name a customer."""
    charge, intent = event.named("charge"), event.named("payment_intent")
    if charge is None and intent is None:
        return None
    return workspace_of(connection, charge, intent)
