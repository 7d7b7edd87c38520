"""Subscriptions: made, changed and ended by calls.

https://docs.stripe.com/api/subscriptions
"""

from __future__ import annotations

import copy
from functools import partial
from typing import Any

from local_emulator.providers.stripe.anchors import first_lines, reset_anchor, set_trial_end
from local_emulator.providers.stripe.billing import WAITS, bill, coming_invoice
from local_emulator.providers.stripe.changes import (
    add_item,
    add_one_time_items,
    change_items,
    check_payable,
)
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.endings import cancel_now, end_later, set_details
from local_emulator.providers.stripe.failures import StripeFailure, missing, required
from local_emulator.providers.stripe.forms import number
from local_emulator.providers.stripe.items import ALIVE, licensed
from local_emulator.providers.stripe.money import ENDED, check_currency
from local_emulator.providers.stripe.payment_methods import own_method
from local_emulator.providers.stripe.payments import (
    NEEDS_CONSENT_CODE,
    refusal_ahead,
    refuses,
)
from local_emulator.providers.stripe.pending_updates import drop, hold_if_unpaid
from local_emulator.providers.stripe.records import Object, listed, within
from local_emulator.providers.stripe.subscription_object import new_subscription
from local_emulator.providers.stripe.subscription_terms import set_terms

ENDS = ("cancel_at_period_end", "cancel_at")
ALWAYS = frozenset({"cancellation_details", "metadata"})
"""What can be said of a subscription that has ended."""


def create_subscription(stripe: StripeEmulator, params: Object) -> Object:
    """``POST /v1/subscriptions``; ``payment_behavior`` as with Stripe."""
    if not params.get("customer"):
        raise required("customer")
    customer = stripe.records.get("customer", params["customer"], "customer")
    if not params.get("items"):
        raise required("items")
    own_method(stripe, customer["id"], params.get("default_payment_method"))
    subscription = new_subscription(stripe, customer, params)
    for given in params["items"]:
        add_item(stripe, subscription, given)
    subscription["currency"] = licensed(subscription)["price"]["currency"]
    if any(one["price"]["currency"] != subscription["currency"] for one in _items(subscription)):
        message = "All prices of a subscription must be in the same currency."
        raise StripeFailure(message, param="items")
    check_currency(stripe, customer, subscription["currency"])
    set_terms(stripe, subscription, params)
    lines = first_lines(stripe, subscription, params)
    behaviour = params.get("payment_behavior", "allow_incomplete")
    if behaviour == "error_if_incomplete":
        coming = coming_invoice(stripe, subscription, "subscription_create", lines)
        if coming["amount_due"] and refuses(stripe, coming):
            raise refusal_ahead(stripe, coming, NEEDS_CONSENT_CODE)
    customer["currency"] = subscription["currency"]
    stripe.records.add(subscription)
    add_one_time_items(stripe, subscription, params)
    subscription[WAITS] = behaviour == "default_incomplete"
    bill(stripe, subscription, "subscription_create", lines)
    subscription.pop(WAITS)
    _set_end(stripe, subscription, params)
    stripe.happened("customer.subscription.created", subscription)
    return subscription


def update_subscription(stripe: StripeEmulator, params: Object, subscription_id: str) -> Object:
    """``POST /v1/subscriptions/{id}``: a change that is refused leaves all as it was."""
    subscription = stripe.records.get("subscription", subscription_id)
    if subscription["status"] in ENDED and set(params) - ALWAYS:
        raise StripeFailure("A canceled subscription can only update its cancellation_details.")
    if subscription["schedule"] and set(ENDS) & set(params):
        message = (
            "The subscription is managed by the subscription schedule"
            f" `{subscription['schedule']}`, and updating any cancelation behavior directly is not"
            " allowed. Please update the schedule instead."
        )
        raise StripeFailure(message)
    former, before = copy.deepcopy(subscription), _shown(subscription)
    try:
        if params.get("payment_behavior") == "pending_if_incomplete":
            change = partial(_change, stripe, subscription, params)
            hold_if_unpaid(stripe, params, subscription, change)
        else:
            if params.get("items"):
                drop(stripe, subscription)
            _change(stripe, subscription, params)
    except StripeFailure:
        subscription.clear()
        subscription.update(former)
        raise
    after = _shown(subscription)
    changed = {name: value for name, value in before.items() if after[name] != value}
    stripe.happened("customer.subscription.updated", subscription, changed)
    return subscription


def _change(stripe: StripeEmulator, subscription: Object, params: Object) -> None:
    _set_plain(stripe, subscription, params)
    set_terms(stripe, subscription, params)
    check_payable(stripe, subscription, params)
    add_one_time_items(stripe, subscription, params)
    if params.get("items"):
        change_items(stripe, subscription, params)
    if params.get("trial_end") is not None:
        set_trial_end(stripe, subscription, params)
    anchor = params.get("billing_cycle_anchor") or {}
    if anchor in ("now", {"type": "now"}):
        reset_anchor(stripe, subscription, params)
    _set_end(stripe, subscription, params)


def _set_plain(stripe: StripeEmulator, subscription: Object, params: Object) -> None:
    """What changes nothing of what is billed."""
    if params.get("default_payment_method"):
        own_method(stripe, subscription["customer"], params["default_payment_method"])
    for name in ("default_payment_method", "description"):
        if name in params:
            subscription[name] = params[name]
    for name in ("payment_settings", "trial_settings"):
        subscription[name] |= params.get(name) or {}
    if params.get("collection_method"):
        subscription["collection_method"] = params["collection_method"]
        if params["collection_method"] == "charge_automatically":
            subscription["days_until_due"] = None
    if params.get("days_until_due"):
        subscription["days_until_due"] = number(params["days_until_due"])
    subscription["metadata"] |= params.get("metadata") or {}
    set_details(subscription, params.get("cancellation_details"))


def cancel_subscription(stripe: StripeEmulator, params: Object, subscription_id: str) -> Object:
    """``DELETE /v1/subscriptions/{id}``: at once."""
    subscription = stripe.records.get("subscription", subscription_id)
    if subscription["status"] in ENDED:
        raise missing("subscription", subscription_id)
    cancel_now(stripe, subscription, params)
    return subscription


def list_subscriptions(stripe: StripeEmulator, params: Object) -> Object:
    """``GET /v1/subscriptions``; those that ended only where ``status`` asks for them."""
    status, customer_id = params.get("status"), params.get("customer")
    found = stripe.records.of(customer_id, "subscription")

    def wanted(one: Object) -> bool:
        fits = one["status"] in ALIVE if status is None else status in {"all", one["status"]}
        if status == "ended":
            fits = one["status"] in ENDED
        prices = {item["price"]["id"] for item in _items(one)}
        return (
            fits
            and (params.get("price") is None or params["price"] in prices)
            and params.get("collection_method") in {None, one["collection_method"]}
            and within(one["created"], params.get("created"))
            and within(licensed(one)["current_period_end"], params.get("current_period_end"))
            and within(licensed(one)["current_period_start"], params.get("current_period_start"))
        )

    return listed(found, params, "/v1/subscriptions", wanted)


def _set_end(stripe: StripeEmulator, subscription: Object, params: Object) -> None:
    if set(ENDS) & set(params):
        end_later(stripe, subscription, params)


def _items(subscription: Object) -> list[Object]:
    items: list[Object] = subscription["items"]["data"]
    return items


def _shown(subscription: Object) -> dict[str, Any]:
    names = ("status", "cancel_at_period_end", "cancel_at", "default_payment_method", "trial_end")
    shown = {name: subscription[name] for name in names}
    shown["metadata"] = dict(subscription["metadata"])
    shown["items"] = [(one["price"]["id"], one.get("quantity")) for one in _items(subscription)]
    return shown
