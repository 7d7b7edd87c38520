"""What of a change with Stripe a workspace is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row

from billing.accounts.account_state import expires_at
from billing.accounts.statuses import DAY_S
from billing.alerts.alert import Alert, open_alerts, raise_alert, resolve
from layers import jsontext

CARD_DAYS = 30
TRIAL_DAYS = 3
ENDING = (
    "payment_failed",
    "payment_action_required",
    "invoice_due",
    "card_expiring",
    "trial_ending",
    "subscription",
)
"""Kinds that say how an account is: they end when it is so no longer."""
STATES = frozenset({"holds", "ends", "goes_on", "scheduled", "canceled", "unpaid", "paused"})
STARTED = frozenset({"active", "trialing"})


def tell_changes(
    connection: Connection,
    before: Row[Any],
    after: Mapping[str, Any],
    invoices: Sequence[Mapping[str, Any]],
    now: float,
    of_payments: Sequence[Alert] = (),
) -> None:
    """Tell what is new in an account, and end the alerts about what is so no longer.

    Each thing has a key, so that it is told once; what is so again is told again.
    """
    workspace_id = before.workspace_id
    waiting = _waiting(after)
    told = [
        *_subscription(workspace_id, before, after),
        *(_payment(workspace_id, one) for one in invoices if _failed(one, waiting)),
        *cards(workspace_id, after["payment_methods"], now),
        *trial(workspace_id, after, now),
        *of_payments,
    ]
    for alert in told:
        raise_alert(connection, alert, now)
    so = {alert.key for alert in told}
    for kind in ENDING:
        for row in open_alerts(connection, workspace_id, kind):
            is_told = row.key in so or _goes_on(row.key, after)
            if not is_told and _is_of_state(row):
                resolve(connection, workspace_id, row.key, now)


def cards(workspace_id: str, payment_methods: str | None, now: float) -> list[Alert]:
    """Cards that expire within a month: only those that are charged."""
    found = []
    for one in jsontext.loads(payment_methods or "[]"):
        moment = expires_at(one)
        if one["is_default"] and moment is not None and moment < now + CARD_DAYS * DAY_S:
            key = f"card_expiring:{one['id']}:{one['exp_year']}-{one['exp_month']}"
            shown = {name: one[name] for name in ("brand", "last4", "exp_month", "exp_year")}
            found.append(Alert(workspace_id, "card_expiring", key, "warning", shown, again=True))
    return found


def trial(workspace_id: str, account: Mapping[str, Any], now: float) -> list[Alert]:
    """A trial that ends within three days."""
    ends = account["trial_end"]
    if account["status"] != "trialing" or ends is None or ends > now + TRIAL_DAYS * DAY_S:
        return []
    key = f"trial_ending:{account['subscription_id']}:{int(ends)}"
    detail = {"plan": account["plan"], "trial_end": ends}
    return [Alert(workspace_id, "trial_ending", key, "info", detail, again=True)]


def _subscription(workspace_id: str, before: Row[Any], account: Mapping[str, Any]) -> list[Alert]:
    name, status = account["subscription_id"], account["status"]
    if name is None:
        return []
    plan = account["plan"]
    if status in {"canceled", "unpaid", "paused"}:
        key = f"subscription:{name}:{status}"
        detail = {"change": status, "plan": plan}
        return [Alert(workspace_id, "subscription", key, "warning", detail, again=True)]
    if status not in STARTED:
        return []
    key = f"subscription:{name}:{plan}:{account['interval']}"
    detail = {"change": "holds", "plan": plan, "interval": account["interval"]}
    found = [Alert(workspace_id, "subscription", key, "info", detail)]
    if account["scheduled_plan"] is not None:
        found.append(_scheduled(workspace_id, account))
    if account["cancel_at_period_end"]:
        key = f"subscription:{name}:ends:{int(account['period_end'])}"
        detail = {"change": "ends", "plan": plan, "at": account["period_end"]}
        found.append(Alert(workspace_id, "subscription", key, "info", detail, again=True))
    elif before.cancel_at_period_end and before.subscription_id == name:
        key = _goes_on_key(account)
        detail = {"change": "goes_on", "plan": plan}
        found.append(Alert(workspace_id, "subscription", key, "info", detail, again=True))
    return found


def _scheduled(workspace_id: str, account: Mapping[str, Any]) -> Alert:
    """What the subscription becomes when its period ends; told again if it is changed or back."""
    detail = {
        "change": "scheduled",
        "plan": account["scheduled_plan"],
        "interval": account["scheduled_interval"],
        "seats": account["scheduled_seats"],
        "at": account["scheduled_at"],
    }
    what = ":".join(str(detail[name]) for name in ("plan", "interval", "seats"))
    key = f"subscription:{account['subscription_id']}:scheduled:{what}:{int(detail['at'])}"
    return Alert(workspace_id, "subscription", key, "info", detail, again=True)


def _is_of_state(row: Row[Any]) -> bool:
    """Whether an alert says how the account is, and not that something happened once."""
    return row.kind != "subscription" or jsontext.loads(row.detail).get("change") in STATES


def _goes_on_key(account: Mapping[str, Any]) -> str:
    return f"subscription:{account['subscription_id']}:goes_on:{int(account['period_end'])}"


def _goes_on(key: str, account: Mapping[str, Any]) -> bool:
    """Whether an alert tells that what was to end goes on, and it still does."""
    going = account["status"] in STARTED and not account["cancel_at_period_end"]
    return going and key == _goes_on_key(account)


def _waiting(after: Mapping[str, Any]) -> frozenset[str]:
    """The invoices whose payment waits for the bank's consent: it has not failed."""
    kept = (after[name] for name in ("pending_change", "payment_action"))
    return frozenset(jsontext.loads(one)["invoice_id"] for one in kept if one is not None)


def _failed(invoice: Mapping[str, Any], waiting: frozenset[str]) -> bool:
    is_open = invoice["status"] == "open" and invoice["attempt_count"] > 0
    return bool(is_open and invoice["id"] not in waiting)


def _payment(workspace_id: str, invoice: Mapping[str, Any]) -> Alert:
    key = f"payment_failed:{invoice['id']}:{invoice['attempt_count']}"
    detail = {
        "invoice_id": invoice["id"],
        "number": invoice["number"],
        "amount": invoice["amount_due"],
        "currency": invoice["currency"],
        "attempt": invoice["attempt_count"],
    }
    return Alert(workspace_id, "payment_failed", key, "error", detail)
