"""Subscriptions: made, changed and ended by calls."""

from __future__ import annotations

from functools import partial
from typing import Any

from local_emulator.providers.stripe.billing import WAITS, bill, period_lines
from local_emulator.providers.stripe.changes import add_item, change_items, check_payable
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.endings import cancel_now
from local_emulator.providers.stripe.failures import StripeFailure, missing, required
from local_emulator.providers.stripe.forms import number, truth
from local_emulator.providers.stripe.invoices import void
from local_emulator.providers.stripe.items import ALIVE, period_of, set_period
from local_emulator.providers.stripe.lifecycle import end_trial
from local_emulator.providers.stripe.money import check_currency
from local_emulator.providers.stripe.payment_methods import own_method
from local_emulator.providers.stripe.payments import NEEDS_CONSENT_CODE, refusal
from local_emulator.providers.stripe.pending_updates import drop, hold_if_unpaid
from local_emulator.providers.stripe.records import Object, listed
from local_emulator.providers.stripe.subscription_terms import automatic_tax, set_terms

DAY_S = 86_400


def create_subscription(stripe: StripeEmulator, params: Object) -> Object:
    """``POST /v1/subscriptions``; ``payment_behavior`` as with Stripe."""
    customer = stripe.records.get("customer", params.get("customer"), "customer")
    if not params.get("items"):
        raise required("items")
    now = stripe.now(customer["id"])
    trial_end = _trial_end(params, now)
    subscription_id = stripe.records.new_id("sub")
    own_method(stripe, customer["id"], params.get("default_payment_method"))
    subscription: Object = {
        "id": subscription_id,
        "object": "subscription",
        "automatic_tax": automatic_tax(False),
        "billing_cycle_anchor": trial_end or now,
        "billing_mode": {"flexible": None, "type": _billing_mode(params)},
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": params.get("collection_method", "charge_automatically"),
        "days_until_due": _days_until_due(params),
        "default_tax_rates": [],
        "created": now,
        "currency": "",
        "customer": customer["id"],
        "default_payment_method": params.get("default_payment_method"),
        "description": params.get("description"),
        "discounts": [],
        "ended_at": None,
        "items": {
            "object": "list",
            "data": [],
            "has_more": False,
            "url": f"/v1/subscription_items?subscription={subscription_id}",
        },
        "latest_invoice": None,
        "livemode": False,
        "metadata": params.get("metadata") or {},
        "pause_collection": None,
        "pending_update": None,
        "schedule": None,
        "start_date": now,
        "status": "trialing" if trial_end else "active",
        "test_clock": customer["test_clock"],
        "trial_end": trial_end,
        "trial_settings": params.get("trial_settings")
        or {"end_behavior": {"missing_payment_method": "create_invoice"}},
        "trial_start": now if trial_end else None,
    }
    for given in params["items"]:
        add_item(stripe, subscription, given)
    first = subscription["items"]["data"][0]
    subscription["currency"] = first["price"]["currency"]
    check_currency(stripe, customer, subscription["currency"])
    set_terms(stripe, subscription, params)
    customer["currency"] = subscription["currency"]
    stripe.records.add(subscription)
    set_period(subscription, now, trial_end)
    behaviour = params.get("payment_behavior")
    subscription[WAITS] = behaviour == "default_incomplete"
    bill(stripe, subscription, "subscription_create", period_lines(stripe, subscription, None))
    subscription.pop(WAITS)
    if subscription["status"] == "incomplete" and behaviour == "error_if_incomplete":
        raise _undone(stripe, subscription)
    stripe.happened("customer.subscription.created", subscription)
    return subscription


def update_subscription(stripe: StripeEmulator, params: Object, subscription_id: str) -> Object:
    """``POST /v1/subscriptions/{id}``: price, quantity, the end of it, its trial."""
    subscription = stripe.records.get("subscription", subscription_id)
    if subscription["status"] not in ALIVE:
        raise StripeFailure("A canceled subscription can only update its cancellation_details.")
    if subscription["schedule"] and {"cancel_at_period_end", "cancel_at"} & set(params):
        message = (
            "The subscription is managed by the subscription schedule"
            f" `{subscription['schedule']}`, and updating any cancelation behavior directly is not"
            " allowed. Please update the schedule instead."
        )
        raise StripeFailure(message)
    before = _shown(subscription)
    if params.get("payment_behavior") == "pending_if_incomplete":
        update = partial(_update, stripe, subscription, params)
        hold_if_unpaid(stripe, params, subscription, update)
    else:
        if params.get("items"):
            drop(stripe, subscription)
            check_payable(stripe, subscription, params)
        _update(stripe, subscription, params)
    after = _shown(subscription)
    changed = {name: value for name, value in before.items() if after[name] != value}
    stripe.happened("customer.subscription.updated", subscription, changed)
    return subscription


def _update(stripe: StripeEmulator, subscription: Object, params: Object) -> None:
    set_terms(stripe, subscription, params)
    if params.get("items"):
        change_items(stripe, subscription, params)
    if "cancel_at_period_end" in params:
        _end_with_period(stripe, subscription, truth(params["cancel_at_period_end"]))
    if params.get("default_payment_method"):
        own_method(stripe, subscription["customer"], params["default_payment_method"])
        subscription["default_payment_method"] = params["default_payment_method"]
    if params.get("trial_end") == "now" and subscription["status"] == "trialing":
        end_trial(stripe, subscription, at_once=True)
    subscription["metadata"] |= params.get("metadata") or {}


def _undone(stripe: StripeEmulator, subscription: Object) -> StripeFailure:
    """Why the first payment failed; nothing is left of the subscription."""
    invoice = stripe.records.get("invoice", subscription["latest_invoice"])
    failure = refusal(stripe, invoice, NEEDS_CONSENT_CODE)
    void(stripe, invoice)
    stripe.records.forget(subscription["id"])
    return failure


def cancel_subscription(stripe: StripeEmulator, params: Object, subscription_id: str) -> Object:
    """``DELETE /v1/subscriptions/{id}``: at once."""
    subscription = stripe.records.get("subscription", subscription_id)
    if subscription["status"] in {"canceled", "incomplete_expired"}:
        raise missing("subscription", subscription_id)
    cancel_now(stripe, subscription, params)
    return subscription


def list_subscriptions(stripe: StripeEmulator, params: Object) -> Object:
    """``GET /v1/subscriptions``; those that ended only where ``status`` asks for them."""
    status = params.get("status")

    def wanted(one: Object) -> bool:
        fits = one["status"] in ALIVE if status is None else status in {"all", one["status"]}
        return fits and params.get("customer") in {None, one["customer"]}

    return listed(stripe.records.all("subscription"), params, "/v1/subscriptions", wanted)


def _trial_end(params: Object, now: int) -> int | None:
    if params.get("trial_period_days"):
        return now + number(params["trial_period_days"]) * DAY_S
    return number(params["trial_end"]) if params.get("trial_end") else None


def _billing_mode(params: Object) -> str:
    """Flexible unless asked otherwise (since API 2025-09-30)."""
    mode = str((params.get("billing_mode") or {}).get("type") or "flexible")
    if mode not in {"classic", "flexible"}:
        raise StripeFailure(f"Invalid billing mode: {mode}.", param="billing_mode[type]")
    return mode


def _days_until_due(params: Object) -> int | None:
    is_sent = params.get("collection_method") == "send_invoice"
    if is_sent and not params.get("days_until_due"):
        raise required("days_until_due")
    return number(params["days_until_due"]) if is_sent else None


def _end_with_period(stripe: StripeEmulator, subscription: Object, ends: bool) -> None:
    subscription["cancel_at_period_end"] = ends
    subscription["cancel_at"] = period_of(subscription)[1] if ends else None
    subscription["canceled_at"] = stripe.now(subscription["customer"]) if ends else None
    reason = "cancellation_requested" if ends else None
    subscription["cancellation_details"]["reason"] = reason


def _shown(subscription: Object) -> dict[str, Any]:
    names = ("status", "cancel_at_period_end", "cancel_at", "default_payment_method", "metadata")
    shown = {name: subscription[name] for name in names}
    shown["metadata"] = dict(shown["metadata"])
    items = subscription["items"]["data"]
    shown["items"] = [(one["price"]["id"], one.get("quantity")) for one in items]
    return shown
