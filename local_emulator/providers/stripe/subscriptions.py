"""Subscriptions: made, changed and ended by calls."""

from __future__ import annotations

from typing import Any

from local_emulator.providers.stripe.billing import bill, period_lines
from local_emulator.providers.stripe.customers import own_method
from local_emulator.providers.stripe.discounts import note_paid
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure, declined, required
from local_emulator.providers.stripe.forms import number, truth
from local_emulator.providers.stripe.invoice_items import add_proration
from local_emulator.providers.stripe.items import ALIVE, period_of, rhythm, set_period
from local_emulator.providers.stripe.lifecycle import end, end_trial
from local_emulator.providers.stripe.money import check_currency
from local_emulator.providers.stripe.payments import refuses
from local_emulator.providers.stripe.prorations import preview, prorations
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
        _add_item(stripe, subscription, given)
    first = subscription["items"]["data"][0]
    subscription["currency"] = first["price"]["currency"]
    check_currency(stripe, customer, subscription["currency"])
    set_terms(stripe, subscription, params)
    customer["currency"] = subscription["currency"]
    stripe.records.add(subscription)
    set_period(subscription, now, trial_end)
    bill(stripe, subscription, "subscription_create", period_lines(stripe, subscription, None))
    if subscription["status"] == "incomplete":
        if params.get("payment_behavior") == "error_if_incomplete":
            raise declined("Your card was declined.")
        stripe.happened("customer.subscription.created", subscription)
        return subscription
    stripe.happened("customer.subscription.created", subscription)
    return subscription


def update_subscription(stripe: StripeEmulator, params: Object, subscription_id: str) -> Object:
    """``POST /v1/subscriptions/{id}``: price, quantity, the end of it, its trial."""
    subscription = stripe.records.get("subscription", subscription_id)
    if subscription["status"] not in ALIVE:
        raise StripeFailure("A canceled subscription can only update its cancellation_details.")
    before = _shown(subscription)
    set_terms(stripe, subscription, params)
    if params.get("items"):
        _check_payable(stripe, subscription, params)
        _change_items(stripe, subscription, params)
    if "cancel_at_period_end" in params:
        _end_with_period(stripe, subscription, truth(params["cancel_at_period_end"]))
    if params.get("default_payment_method"):
        own_method(stripe, subscription["customer"], params["default_payment_method"])
        subscription["default_payment_method"] = params["default_payment_method"]
    if params.get("trial_end") == "now" and subscription["status"] == "trialing":
        end_trial(stripe, subscription, at_once=True)
    subscription["metadata"] |= params.get("metadata") or {}
    after = _shown(subscription)
    changed = {name: value for name, value in before.items() if after[name] != value}
    stripe.happened("customer.subscription.updated", subscription, changed)
    return subscription


def cancel_subscription(stripe: StripeEmulator, params: Object, subscription_id: str) -> Object:
    """``DELETE /v1/subscriptions/{id}``: at once."""
    subscription = stripe.records.get("subscription", subscription_id)
    end(stripe, subscription, params.get("cancellation_details") or {})
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


def _days_until_due(params: Object) -> int | None:
    is_sent = params.get("collection_method") == "send_invoice"
    if is_sent and not params.get("days_until_due"):
        raise required("days_until_due")
    return number(params["days_until_due"]) if is_sent else None


def _add_item(stripe: StripeEmulator, subscription: Object, given: Object) -> Object:
    price = stripe.records.get("price", given.get("price"), "items[price]")
    if price["type"] != "recurring":
        raise StripeFailure("The price specified is set to `type=one_time`.", param="items[price]")
    item = {
        "id": stripe.records.new_id("si"),
        "object": "subscription_item",
        "created": subscription["created"],
        "current_period_end": 0,
        "current_period_start": 0,
        "discounts": [],
        "metadata": given.get("metadata") or {},
        "price": price,
        "subscription": subscription["id"],
        "tax_rates": [],
    }
    if price["recurring"]["usage_type"] == "licensed":
        item["quantity"] = number(given.get("quantity"), 1)
    subscription["items"]["data"].append(item)
    return item


def _check_payable(stripe: StripeEmulator, subscription: Object, params: Object) -> None:
    """With ``error_if_incomplete``, a change that cannot be paid changes nothing."""
    if params.get("payment_behavior") != "error_if_incomplete":
        return
    details = {"items": params["items"], "proration_behavior": params.get("proration_behavior")}
    if params.get("proration_date"):
        details["proration_date"] = params["proration_date"]
    coming = preview(stripe, {"subscription": subscription["id"], "subscription_details": details})
    due = coming["amount_due"] if details["proration_behavior"] == "always_invoice" else 0
    if due and refuses(stripe, coming):
        raise declined("Your card was declined.")


def _change_items(stripe: StripeEmulator, subscription: Object, params: Object) -> None:
    customer_id = subscription["customer"]
    moment = number(params.get("proration_date"), stripe.now(customer_id))
    behaviour = params.get("proration_behavior", "create_prorations")
    former_rhythm = rhythm(subscription)
    lines = [] if behaviour == "none" else prorations(stripe, subscription, params["items"], moment)
    for given in params["items"]:
        _change_item(stripe, subscription, given)
    note_paid(stripe, subscription)
    if rhythm(subscription) != former_rhythm and subscription["status"] != "trialing":
        # Another rhythm begins now, and its first period is paid at once.
        subscription["billing_cycle_anchor"] = moment
        set_period(subscription, moment, None)
        lines += period_lines(stripe, subscription, None)
        bill(stripe, subscription, "subscription_update", lines)
        return
    set_period(subscription, period_of(subscription)[0], subscription["trial_end"])
    if lines and behaviour == "always_invoice":
        bill(stripe, subscription, "subscription_update", lines)
    elif lines:
        for one in lines:
            add_proration(stripe, subscription, one)


def _change_item(stripe: StripeEmulator, subscription: Object, given: Object) -> None:
    items: list[Object] = subscription["items"]["data"]
    item = next((one for one in items if one["id"] == given.get("id")), None)
    if item is None:
        made = _add_item(stripe, subscription, given)
        made["current_period_start"], made["current_period_end"] = period_of(subscription)
        return
    if truth(given.get("deleted")):
        items.remove(item)
        return
    if given.get("price"):
        item["price"] = stripe.records.get("price", given["price"], "items[price]")
    if given.get("quantity") is not None:
        item["quantity"] = number(given["quantity"])


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
