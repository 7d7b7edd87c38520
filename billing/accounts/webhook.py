"""Events of Stripe's: checked on their raw body, taken once, acted upon afterwards.

An event is only a hint: its one effect is the wish to read the customer again, stored with its id
in one transaction (https://docs.stripe.com/webhooks).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from billing.accounts.accounts import Accounts, want
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
class Taken:
    """What became of an event: whose it is, and whether it was there before."""

    workspace_id: str | None
    duplicate: bool = False


def take(accounts: Accounts, payload: bytes, signature: str | None) -> Taken:
    """Check an event and keep it; raises WebhookNotConfigured or BadSignature."""
    if not accounts.settings.webhook_secrets:
        raise WebhookNotConfigured
    event = accounts.gateway.read_event(payload, signature)
    _check(event, accounts.gateway.livemode)
    values: dict[str, Any] = {
        "id": event["id"],
        "type": event["type"],
        "customer_id": _customer_of(event),
        "livemode": event["livemode"],
        "created": event.get("created") or 0,
        "now": accounts.clock.now(),
    }
    with accounts.database.writing() as connection:
        found = connection.execute(KNOWN, values).scalar_one_or_none()
        found = found or _of_payment(connection, event)
        new = connection.execute(INSERT, {**values, "workspace_id": found}).rowcount
        if new and found is not None:
            want(connection, found)
        failpoints.hit("stripe_event.before_commit")
    return Taken(found, duplicate=not new)


def _of_payment(connection: Connection, event: Mapping[str, Any]) -> str | None:
    """Whose payment a dispute or a refund is of: they do not name a customer."""
    data = event.get("data")
    about = data.get("object") if isinstance(data, Mapping) else None
    if not isinstance(about, Mapping):
        return None
    charge, intent = about.get("charge"), about.get("payment_intent")
    if not isinstance(charge, str) and not isinstance(intent, str):
        return None
    return workspace_of(
        connection,
        charge if isinstance(charge, str) else None,
        intent if isinstance(intent, str) else None,
    )


def _check(event: Any, livemode: bool) -> None:
    if not isinstance(event, dict) or not isinstance(event.get("id"), str):
        raise BadSignature("The event has no id.")
    if not isinstance(event.get("type"), str):
        raise BadSignature("The event has no type.")
    if event.get("livemode") is not livemode:
        mode = "live" if livemode else "test"
        raise BadSignature(f"This instance is in {mode} mode, the event is not.")


def _customer_of(event: dict[str, Any]) -> str | None:
    found = (event.get("data") or {}).get("object") or {}
    if found.get("object") == "customer":
        return str(found.get("id"))
    customer = found.get("customer")
    if isinstance(customer, dict):
        customer = customer.get("id")
    return customer if isinstance(customer, str) else None
