"""What of Stripe's objects an account keeps: pure, from what was read last."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from billing.accounts.statuses import ALIVE
from layers import jsontext

Object = Mapping[str, Any]
RANKS = {"active": 0, "trialing": 0, "past_due": 1, "unpaid": 2, "paused": 3, "incomplete": 4}
"""Which of two living subscriptions counts: the one with the lower rank."""


def chosen(subscriptions: Sequence[Object]) -> Object | None:
    """The subscription that counts: the best living one, or else the newest that ended.

    Of two that are as good the older one counts; only those to plans of Treadle's do.
    """
    own = [one for one in subscriptions if plan_of(one) is not None]
    alive = [one for one in own if one["status"] in ALIVE]
    if alive:
        return min(alive, key=lambda one: (RANKS[one["status"]], one["created"], one["id"]))
    return max(own, key=lambda one: one["created"], default=None)


def beside(subscriptions: Sequence[Object]) -> list[Object]:
    """The living subscriptions to Treadle's plans, but for the one that counts."""
    counts = chosen(subscriptions)
    own = (one for one in subscriptions if plan_of(one) is not None)
    return [one for one in own if one["status"] in ALIVE and one is not counts]


def foreign(subscriptions: Sequence[Object]) -> list[Object]:
    """The living subscriptions to what Treadle does not sell."""
    return [one for one in subscriptions if one["status"] in ALIVE and plan_of(one) is None]


def seat_item(subscription: Object) -> Object:
    """The item that is paid ahead; the others are usage."""
    items: list[Object] = subscription["items"]["data"]
    ahead = [one for one in items if one["price"]["recurring"]["usage_type"] == "licensed"]
    return (ahead or items)[0]


def seat_product(subscription: Object | None) -> str | None:
    """The product that is paid ahead, by its id."""
    if subscription is None:
        return None
    product = seat_item(subscription)["price"]["product"]
    return str(product if isinstance(product, str) else product["id"])


def plan_of(subscription: Object) -> tuple[str, int] | None:
    """The plan and its number that a subscription is for, as its price was marked."""
    marks = seat_item(subscription)["price"].get("metadata") or {}
    if "treadle_plan" not in marks:
        return None
    return marks["treadle_plan"], int(marks["treadle_number"])


def subscription_of(invoice: Object) -> str | None:
    """The subscription that an invoice is for, by its id."""
    details = (invoice.get("parent") or {}).get("subscription_details") or {}
    found = details.get("subscription")
    return found["id"] if isinstance(found, Mapping) else found


def basis(subscription: Object) -> str:
    """Stands for the state of a subscription that a change begins from, and for how it is paid."""
    items = sorted(
        (one["id"], one["price"]["id"], one.get("quantity") or 0)
        for one in subscription["items"]["data"]
    )
    method = subscription.get("default_payment_method")
    invoice = subscription.get("latest_invoice")
    parts = [
        *(subscription["id"], subscription["status"], items),
        method["id"] if isinstance(method, Mapping) else method,
        invoice["id"] if isinstance(invoice, Mapping) else invoice,
    ]
    return jsontext.dumps(parts)


def subscription_columns(
    subscription: Object | None, invoices: Sequence[Object], now: float
) -> dict[str, Any]:
    """The columns of an account that tell of its subscription."""
    if subscription is None:
        return dict.fromkeys(
            (
                *("subscription_id", "status", "interval", "currency", "seats", "amount"),
                *("anchor", "period_start", "period_end", "trial_end", "past_due_since"),
                *("started_at", "ended_at"),
            )
        ) | {"cancel_at_period_end": False}
    item = seat_item(subscription)
    price, seats = item["price"], item.get("quantity") or 1
    is_trial = subscription["status"] == "trialing"
    anchor = subscription["trial_start"] if is_trial else subscription["billing_cycle_anchor"]
    since = _unpaid_since(invoices, now) if subscription["status"] == "past_due" else None
    return {
        "subscription_id": subscription["id"],
        "status": subscription["status"],
        "interval": price["recurring"]["interval"],
        "currency": price["currency"],
        "seats": seats,
        "amount": (price["unit_amount"] or 0) * seats,
        "anchor": anchor,
        "period_start": item["current_period_start"],
        "period_end": item["current_period_end"],
        "trial_end": subscription["trial_end"],
        # Of what has ended nothing is still to end.
        "cancel_at_period_end": subscription["status"] in ALIVE
        and bool(subscription["cancel_at_period_end"] or subscription.get("cancel_at")),
        "past_due_since": since,
        "started_at": subscription["start_date"],
        "ended_at": subscription["ended_at"],
    }


def usage_anchor(account: Any, subscription: Object | None) -> float | None:
    """From when the months of usage are counted: since the subscription began.

    ``account`` is as it was read before. What is changed of the same subscription keeps it,
    such as another interval, whose periods Stripe counts anew; so no quota begins anew by a
    switch. When a trial ends, the first month begins that is paid.
    """
    if subscription is None:
        return None
    is_same = account.subscription_id == subscription["id"]
    is_trial = subscription["status"] == "trialing"
    tried = account.status == "trialing" and not is_trial
    if is_same and account.usage_anchor is not None and not tried:
        return float(account.usage_anchor)
    if is_trial:
        return float(subscription["trial_start"])
    return float(subscription["trial_end"] or subscription["start_date"])


def _unpaid_since(invoices: Sequence[Object], now: float) -> float:
    """Since when a payment is due: of the invoice itself, however late we hear of it."""
    unpaid = (one.get("due_date") or one["created"] for one in invoices if one["status"] == "open")
    return min(unpaid, default=now)


def method_columns(methods: Sequence[Object], default_id: str | None) -> str:
    """What of payment methods may be shown, as JSON, the default first."""
    shown = [
        {
            "id": one["id"],
            "type": one["type"],
            "brand": (one.get("card") or {}).get("brand"),
            "last4": (one.get("card") or {}).get("last4"),
            "exp_month": (one.get("card") or {}).get("exp_month"),
            "exp_year": (one.get("card") or {}).get("exp_year"),
            "is_default": one["id"] == default_id,
        }
        for one in methods
    ]
    return jsontext.dumps(sorted(shown, key=lambda one: not one["is_default"]))


def default_method(customer: Object, subscription: Object | None) -> str | None:
    """What is charged next."""
    lives = subscription is not None and subscription["status"] in ALIVE
    own = subscription.get("default_payment_method") if subscription and lives else None
    found = own or (customer.get("invoice_settings") or {}).get("default_payment_method")
    return found["id"] if isinstance(found, Mapping) else found


def expires_at(method: Object) -> float | None:
    """When a card expires: at the end of its month, UTC."""
    if not method.get("exp_year"):
        return None
    year, month = int(method["exp_year"]), int(method["exp_month"])
    day = calendar.monthrange(year, month)[1]
    return datetime(year, month, day, 23, 59, 59, tzinfo=UTC).timestamp()
