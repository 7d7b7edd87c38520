"""Subscriptions: beginning, changing with proration, renewing, failing and ending."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from local_emulator.providers.stripe.customers import own_method
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure, declined, required
from local_emulator.providers.stripe.forms import number, truth
from local_emulator.providers.stripe.invoices import (
    Charge,
    finalize,
    line,
    make_invoice,
    pay,
    refuses,
)
from local_emulator.providers.stripe.meters import used
from local_emulator.providers.stripe.moments import boundary, period_at
from local_emulator.providers.stripe.records import Object, listed

ALIVE = frozenset({"trialing", "active", "past_due", "unpaid", "incomplete"})
DAY_S = 86_400
INCOMPLETE_FOR_S = 23 * 3600


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
        "automatic_tax": {"enabled": False},
        "billing_cycle_anchor": trial_end or now,
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": "charge_automatically",
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
    customer["currency"] = customer["currency"] or subscription["currency"]
    stripe.records.add(subscription)
    _set_period(subscription, now, trial_end)
    _bill(stripe, subscription, "subscription_create", _period_lines(stripe, subscription, None))
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
    if params.get("items"):
        _check_payable(stripe, subscription, params)
        _change_items(stripe, subscription, params)
    if "cancel_at_period_end" in params:
        _end_with_period(stripe, subscription, truth(params["cancel_at_period_end"]))
    if params.get("default_payment_method"):
        own_method(stripe, subscription["customer"], params["default_payment_method"])
        subscription["default_payment_method"] = params["default_payment_method"]
    if params.get("trial_end") == "now" and subscription["status"] == "trialing":
        _end_trial(stripe, subscription)
    subscription["metadata"] |= params.get("metadata") or {}
    after = _shown(subscription)
    changed = {name: value for name, value in before.items() if after[name] != value}
    stripe.happened("customer.subscription.updated", subscription, changed)
    return subscription


def cancel_subscription(stripe: StripeEmulator, params: Object, subscription_id: str) -> Object:
    """``DELETE /v1/subscriptions/{id}``: at once."""
    subscription = stripe.records.get("subscription", subscription_id)
    _end(stripe, subscription, params.get("cancellation_details") or {})
    return subscription


def list_subscriptions(stripe: StripeEmulator, params: Object) -> Object:
    """``GET /v1/subscriptions``; those that ended only where ``status`` asks for them."""
    status = params.get("status")

    def wanted(one: Object) -> bool:
        fits = one["status"] in ALIVE if status is None else status in {"all", one["status"]}
        return fits and params.get("customer") in {None, one["customer"]}

    return listed(stripe.records.all("subscription"), params, "/v1/subscriptions", wanted)


def preview(stripe: StripeEmulator, params: Object) -> Object:
    """``POST /v1/invoices/create_preview``: what a change, or the next renewal, will cost."""
    subscription = stripe.records.get("subscription", params.get("subscription"), "subscription")
    customer = stripe.records.get("customer", subscription["customer"])
    details = params.get("subscription_details") or {}
    if details.get("items"):
        moment = number(details.get("proration_date"), stripe.now(customer["id"]))
        lines = _prorations(stripe, subscription, details["items"], moment)
        lines += _other_rhythm(stripe, subscription, details["items"], moment)
        if details.get("proration_behavior") != "always_invoice":
            wished = _wished(stripe, subscription, details["items"])
            lines += _next_lines(stripe, subscription, wished)
    else:
        lines = _next_lines(stripe, subscription, _held(subscription))
    invoice = make_invoice(stripe, customer, lines, "upcoming", subscription)
    due = invoice["total"] + customer["balance"]
    return {**invoice, "amount_due": max(0, due), "ending_balance": min(0, due), "id": "upcoming"}


def advance(stripe: StripeEmulator, subscription: Object, moment: int) -> int | None:
    """When next something is due for a subscription, at the latest at ``moment``; None: nothing."""
    if subscription["status"] not in ALIVE:
        return None
    due = [_period(subscription)[1]]
    if subscription["trial_end"] and subscription["status"] == "trialing":
        due.append(subscription["trial_end"])
    invoice = stripe.records.find("invoice", subscription["latest_invoice"])
    if invoice is not None and invoice["next_payment_attempt"]:
        due.append(invoice["next_payment_attempt"])
    if subscription["status"] == "incomplete":
        due = [subscription["created"] + INCOMPLETE_FOR_S]
    soonest = min(due)
    return soonest if soonest <= moment else None


def act(stripe: StripeEmulator, subscription: Object, moment: int) -> None:
    """Do what is due for a subscription at a moment."""
    if subscription["status"] == "incomplete":
        subscription["status"], subscription["ended_at"] = "incomplete_expired", moment
        stripe.happened("customer.subscription.updated", subscription)
        return
    invoice = stripe.records.find("invoice", subscription["latest_invoice"])
    if invoice is not None and invoice["next_payment_attempt"] == moment:
        after_payment(stripe, invoice, pay(stripe, invoice))
    if subscription["status"] == "trialing" and subscription["trial_end"] == moment:
        _end_trial(stripe, subscription)
        stripe.happened("customer.subscription.updated", subscription)
        return
    if subscription["status"] in ALIVE and _period(subscription)[1] == moment:
        _renew(stripe, subscription, moment)


def after_payment(stripe: StripeEmulator, invoice: Object, paid: bool) -> None:
    """What a payment, or a failure of one, makes of the subscription."""
    subscription = stripe.records.find(
        "subscription", invoice["parent"]["subscription_details"]["subscription"]
    )
    if subscription is None or subscription["status"] not in ALIVE:
        return
    former = subscription["status"]
    if paid and former in {"incomplete", "past_due", "unpaid"}:
        subscription["status"] = "active"
    elif not paid and former in {"active", "past_due"}:
        is_last = invoice["next_payment_attempt"] is None
        subscription["status"] = "unpaid" if is_last else "past_due"
    if subscription["status"] != former:
        stripe.happened("customer.subscription.updated", subscription, {"status": former})


def _trial_end(params: Object, now: int) -> int | None:
    if params.get("trial_period_days"):
        return now + number(params["trial_period_days"]) * DAY_S
    return number(params["trial_end"]) if params.get("trial_end") else None


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


def _licensed(subscription: Object) -> Object:
    """The item that the period follows: what is paid ahead, or the first."""
    items: list[Object] = subscription["items"]["data"]
    ahead = [one for one in items if "quantity" in one]
    return (ahead or items)[0]


def _rhythm(subscription: Object) -> tuple[str, int]:
    recurring = _licensed(subscription)["price"]["recurring"]
    return recurring["interval"], recurring["interval_count"]


def _period(subscription: Object) -> tuple[int, int]:
    item = _licensed(subscription)
    return item["current_period_start"], item["current_period_end"]


def _set_period(subscription: Object, moment: int, trial_end: int | None) -> None:
    anchor = subscription["billing_cycle_anchor"]
    period = (moment, trial_end) if trial_end else period_at(anchor, *_rhythm(subscription), moment)
    for item in subscription["items"]["data"]:
        item["current_period_start"], item["current_period_end"] = period


def _held(subscription: Object) -> list[Charge]:
    """What is paid ahead."""
    items = subscription["items"]["data"]
    return [Charge(one["price"], one["quantity"], one) for one in items if "quantity" in one]


def _wished(stripe: StripeEmulator, subscription: Object, items: list[Object]) -> list[Charge]:
    """What would be paid ahead after a change."""
    found = {one["id"]: one for one in subscription["items"]["data"]}
    wished = {one.item["id"]: one for one in _held(subscription) if one.item is not None}
    for at, given in enumerate(items):
        item = found.get(given.get("id") or "")
        if truth(given.get("deleted")):
            wished.pop(given["id"], None)
            continue
        price = stripe.records.get("price", given["price"]) if given.get("price") else None
        price = price or (item["price"] if item else None)
        if price is None:
            raise required(f"items[{at}][price]")
        before = item.get("quantity", 1) if item else 1
        if price["recurring"]["usage_type"] == "licensed":
            quantity = number(given.get("quantity"), before)
            wished[given.get("id") or f"new{at}"] = Charge(price, quantity, item)
    return list(wished.values())


def _prorations(
    stripe: StripeEmulator, subscription: Object, items: list[Object], moment: int
) -> list[Object]:
    """The rest of the period: credited at the old price, charged at the new one."""
    if subscription["status"] == "trialing":
        return []
    start, end = _period(subscription)
    part = Decimal(max(0, end - moment)) / Decimal(end - start)
    rest = (moment, end)
    lines = []
    for one in _held(subscription):
        amount = -_part(one.price["unit_amount"] * one.quantity, part)
        text = f"Unused time on {one.named(stripe)}"
        lines.append(line(stripe, one, amount, rest, text, is_proration=True))
    for one in _wished(stripe, subscription, items):
        if one.price["recurring"]["interval"] != _rhythm(subscription)[0]:
            continue  # Another rhythm begins a period of its own.
        amount = _part(one.price["unit_amount"] * one.quantity, part)
        text = f"Remaining time on {one.named(stripe)}"
        lines.append(line(stripe, one, amount, rest, text, is_proration=True))
    return lines


def _other_rhythm(
    stripe: StripeEmulator, subscription: Object, items: list[Object], moment: int
) -> list[Object]:
    """The first period of another rhythm, which begins with the change."""
    if subscription["status"] == "trialing":
        return []
    lines = []
    for one in _wished(stripe, subscription, items):
        recurring = one.price["recurring"]
        if recurring["interval"] != _rhythm(subscription)[0]:
            end = boundary(moment, recurring["interval"], recurring["interval_count"], 1)
            amount = one.price["unit_amount"] * one.quantity
            lines.append(line(stripe, one, amount, (moment, end), one.named(stripe)))
    return lines


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


def _part(amount: int, part: Decimal) -> int:
    return int((Decimal(amount) * part).quantize(Decimal(1), ROUND_HALF_UP))


def _change_items(stripe: StripeEmulator, subscription: Object, params: Object) -> None:
    customer_id = subscription["customer"]
    moment = number(params.get("proration_date"), stripe.now(customer_id))
    behaviour = params.get("proration_behavior", "create_prorations")
    former_rhythm = _rhythm(subscription)
    lines = (
        [] if behaviour == "none" else _prorations(stripe, subscription, params["items"], moment)
    )
    for given in params["items"]:
        _change_item(stripe, subscription, given)
    if _rhythm(subscription) != former_rhythm and subscription["status"] != "trialing":
        # Another rhythm begins now, and its first period is paid at once.
        subscription["billing_cycle_anchor"] = moment
        _set_period(subscription, moment, None)
        lines += _period_lines(stripe, subscription, None)
        _bill(stripe, subscription, "subscription_update", lines)
        return
    _set_period(subscription, _period(subscription)[0], subscription["trial_end"])
    if lines and behaviour == "always_invoice":
        _bill(stripe, subscription, "subscription_update", lines)
    elif lines:
        subscription.setdefault("emulator_pending", []).extend(lines)


def _change_item(stripe: StripeEmulator, subscription: Object, given: Object) -> None:
    items: list[Object] = subscription["items"]["data"]
    item = next((one for one in items if one["id"] == given.get("id")), None)
    if item is None:
        made = _add_item(stripe, subscription, given)
        made["current_period_start"], made["current_period_end"] = _period(subscription)
        return
    if truth(given.get("deleted")):
        items.remove(item)
        return
    if given.get("price"):
        item["price"] = stripe.records.get("price", given["price"], "items[price]")
    if given.get("quantity") is not None:
        item["quantity"] = number(given["quantity"])


def _period_lines(
    stripe: StripeEmulator, subscription: Object, metered: tuple[int, int] | None
) -> list[Object]:
    """A period that begins, and what was used in the one that ended."""
    if subscription["status"] == "trialing":
        return []
    lines: list[Object] = list(subscription.pop("emulator_pending", []))
    period = _period(subscription)
    for one in _held(subscription):
        amount = one.price["unit_amount"] * one.quantity
        lines.append(line(stripe, one, amount, period, one.named(stripe)))
    if metered is not None:
        lines += _metered(stripe, subscription, metered)
    return lines


def _metered(stripe: StripeEmulator, subscription: Object, period: tuple[int, int]) -> list[Object]:
    """What was used within a period, by item."""
    lines = []
    for item in subscription["items"]["data"]:
        if "quantity" in item:
            continue
        price = item["price"]
        quantity = used(stripe, price["recurring"]["meter"], subscription["customer"], period)
        for unit, units in _tiered(price, quantity):
            amount = int((Decimal(unit) * units).quantize(Decimal(1), ROUND_HALF_UP))
            charge = Charge(price, units, item, unit)
            lines.append(line(stripe, charge, amount, period, charge.named(stripe)))
    return lines


def _tiered(price: Object, quantity: int) -> list[tuple[str, int]]:
    """What one costs, and how many of them: a line for each tier that is reached."""
    if not price["emulator_tiers"]:
        return [(str(price["unit_amount_decimal"] or price["unit_amount"] or 0), quantity)]
    found: list[tuple[str, int]] = []
    begins = 0
    for tier in price["emulator_tiers"]:
        ends = quantity if tier["up_to"] is None else min(quantity, tier["up_to"])
        if ends > begins or not found:
            found.append((tier["unit_amount_decimal"], ends - begins))
        begins = max(begins, ends)
    return found


def _next_lines(stripe: StripeEmulator, subscription: Object, held: list[Charge]) -> list[Object]:
    start, end = _period(subscription)
    lines = list(subscription.get("emulator_pending", []))
    for one in held:
        recurring = one.price["recurring"]
        after = boundary(end, recurring["interval"], recurring["interval_count"], 1)
        amount = one.price["unit_amount"] * one.quantity
        lines.append(line(stripe, one, amount, (end, after), one.named(stripe)))
    return lines + _metered(stripe, subscription, (start, end))


def _bill(stripe: StripeEmulator, subscription: Object, reason: str, lines: list[Object]) -> None:
    if not lines and subscription["status"] != "trialing":
        return
    customer = stripe.records.get("customer", subscription["customer"])
    invoice = make_invoice(stripe, customer, lines, reason, subscription)
    finalize(stripe, invoice)
    subscription["latest_invoice"] = invoice["id"]
    paid = pay(stripe, invoice)
    if reason == "subscription_create" and not paid:
        subscription["status"] = "incomplete"
        invoice["next_payment_attempt"] = None
        return
    if reason != "subscription_create":
        after_payment(stripe, invoice, paid)


def _renew(stripe: StripeEmulator, subscription: Object, moment: int) -> None:
    if subscription["cancel_at_period_end"]:
        _bill_usage(stripe, subscription)
        _end(stripe, subscription, {"reason": "cancellation_requested"})
        return
    ended = _period(subscription)
    _set_period(subscription, moment, None)
    _bill(stripe, subscription, "subscription_cycle", _period_lines(stripe, subscription, ended))
    previous = {"items": {"data": [{"current_period_start": ended[0]}]}}
    stripe.happened("customer.subscription.updated", subscription, previous)


def _bill_usage(stripe: StripeEmulator, subscription: Object) -> None:
    period = _period(subscription)
    lines = [
        *subscription.pop("emulator_pending", []),
        *_metered(stripe, subscription, period),
    ]
    if any(one["amount"] for one in lines):
        _bill(stripe, subscription, "subscription_cycle", lines)


def _end_trial(stripe: StripeEmulator, subscription: Object) -> None:
    moment = stripe.now(subscription["customer"])
    customer = stripe.records.get("customer", subscription["customer"])
    has_card = (
        subscription["default_payment_method"]
        or customer["invoice_settings"]["default_payment_method"]
    )
    behaviour = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    if not has_card and behaviour == "cancel":
        _end(stripe, subscription, {"reason": "payment_failed"})
        return
    if not has_card and behaviour == "pause":
        subscription["status"] = "paused"
        return
    subscription["status"] = "active"
    subscription["trial_end"] = subscription["billing_cycle_anchor"] = moment
    _set_period(subscription, moment, None)
    _bill(stripe, subscription, "subscription_cycle", _period_lines(stripe, subscription, None))


def _end_with_period(stripe: StripeEmulator, subscription: Object, ends: bool) -> None:
    subscription["cancel_at_period_end"] = ends
    subscription["cancel_at"] = _period(subscription)[1] if ends else None
    subscription["canceled_at"] = stripe.now(subscription["customer"]) if ends else None
    reason = "cancellation_requested" if ends else None
    subscription["cancellation_details"]["reason"] = reason


def _end(stripe: StripeEmulator, subscription: Object, details: Object) -> None:
    moment = stripe.now(subscription["customer"])
    subscription["status"] = "canceled"
    subscription["ended_at"] = moment
    subscription["canceled_at"] = subscription["canceled_at"] or moment
    subscription["cancellation_details"] |= details
    stripe.happened("customer.subscription.deleted", subscription)


def _shown(subscription: Object) -> dict[str, Any]:
    names = ("status", "cancel_at_period_end", "cancel_at", "default_payment_method", "metadata")
    shown = {name: subscription[name] for name in names}
    shown["metadata"] = dict(shown["metadata"])
    items = subscription["items"]["data"]
    shown["items"] = [(one["price"]["id"], one.get("quantity")) for one in items]
    return shown
