"""Phases of a subscription schedule: read from a call, and held against each other."""

from __future__ import annotations

from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure, required
from local_emulator.providers.stripe.forms import number, truth
from local_emulator.providers.stripe.items import period_of
from local_emulator.providers.stripe.moments import boundary
from local_emulator.providers.stripe.records import Object
from local_emulator.providers.stripe.subscription_terms import automatic_tax
from local_emulator.providers.stripe.tax_rates import rates

BEHAVIOURS = frozenset({"always_invoice", "create_prorations", "none"})
ANCHORS = frozenset({None, "automatic", "phase_start"})


def phase_of(subscription: Object) -> Object:
    """The one phase of a schedule made from a subscription: the period that it is in."""
    start, end = period_of(subscription)
    items = [
        _item(one["price"]["id"], one.get("quantity"), one["metadata"])
        for one in subscription["items"]["data"]
    ]
    phase = _phase(subscription["currency"], items, start, end)
    phase["default_payment_method"] = subscription["default_payment_method"]
    phase["metadata"] = dict(subscription["metadata"])
    phase["automatic_tax"] = dict(subscription["automatic_tax"])
    phase["default_tax_rates"] = list(subscription["default_tax_rates"])
    phase["discounts"] = [
        {"coupon": None, "discount": one, "promotion_code": None}
        for one in subscription["discounts"]
    ]
    return phase


def read_phases(stripe: StripeEmulator, given: list[Object], now: int) -> list[Object]:
    """The phases of a call: each begins where the one before ends."""
    phases: list[Object] = []
    for at, one in enumerate(given):
        name = f"phases[{at}]"
        if not one.get("items"):
            raise required(f"{name}[items]")
        if not phases and not one.get("start_date"):
            raise required(f"{name}[start_date]")
        before = phases[-1]["end_date"] if phases else None
        start = _moment(one["start_date"], now) if one.get("start_date") else before
        if before not in {None, start}:
            message = "The start_date of a phase must be the end_date of the one before."
            raise StripeFailure(message, param=f"{name}[start_date]")
        phases.append(_read(stripe, one, start or 0, now, name))
    return phases


def _read(stripe: StripeEmulator, given: Object, start: int, now: int, name: str) -> Object:
    if given.get("trial") or given.get("trial_end"):
        message = "This emulator knows no trials in phases."
        raise StripeFailure(message, param=f"{name}[trial]")
    prices = [
        stripe.records.get("price", one.get("price"), f"{name}[items][price]")
        for one in given["items"]
    ]
    currencies = {one["currency"] for one in prices}
    if len(currencies) != 1:
        message = "All prices of a phase must be in the same currency."
        raise StripeFailure(message, param=f"{name}[items]")
    if any(one["type"] != "recurring" for one in prices):
        message = "The price specified is set to `type=one_time`; phases take recurring ones."
        raise StripeFailure(message, param=f"{name}[items][price]")
    items = [
        _item(price["id"], _quantity(price, one), one.get("metadata") or {})
        for price, one in zip(prices, given["items"], strict=True)
    ]
    phase = _phase(prices[0]["currency"], items, start, _end(given, prices[0], start, now, name))
    phase["default_payment_method"] = given.get("default_payment_method")
    phase["description"] = given.get("description")
    phase["metadata"] = given.get("metadata") or {}
    enabled = truth((given.get("automatic_tax") or {}).get("enabled"))
    phase["automatic_tax"] = automatic_tax(enabled)
    rate_ids = given.get("default_tax_rates")
    phase["default_tax_rates"] = rates(stripe, rate_ids, f"{name}[default_tax_rates]")
    phase["discounts"] = list(given.get("discounts") or ())
    phase["proration_behavior"] = given.get("proration_behavior", "create_prorations")
    if phase["proration_behavior"] not in BEHAVIOURS:
        raise StripeFailure("Invalid proration_behavior.", param=f"{name}[proration_behavior]")
    phase["billing_cycle_anchor"] = given.get("billing_cycle_anchor")
    if phase["billing_cycle_anchor"] not in ANCHORS:
        message = "Invalid billing_cycle_anchor."
        raise StripeFailure(message, param=f"{name}[billing_cycle_anchor]")
    return phase


def _end(given: Object, price: Object, start: int, now: int, name: str) -> int:
    if given.get("end_date") and given.get("duration"):
        message = "You may only specify one of these parameters: end_date, duration."
        raise StripeFailure(message, param=f"{name}[end_date]")
    if given.get("end_date"):
        end = _moment(given["end_date"], now)
    else:
        recurring = price["recurring"]
        duration = given.get("duration") or recurring
        count = number(duration.get("interval_count"), 1)
        end = boundary(start, duration["interval"], count, 1)
    if end <= start:
        raise StripeFailure("A phase must end after it starts.", param=f"{name}[end_date]")
    return end


def _moment(given: str | int | None, now: int) -> int:
    return now if given == "now" else number(given)


def _quantity(price: Object, given: Object) -> int | None:
    if price["recurring"]["usage_type"] == "metered":
        return None
    return number(given.get("quantity"), 1)


def _item(price_id: str, quantity: int | None, metadata: Object) -> Object:
    item: Object = {
        "billing_thresholds": None,
        "discounts": [],
        "metadata": dict(metadata),
        "plan": price_id,
        "price": price_id,
        "tax_rates": [],
    }
    return item if quantity is None else {**item, "quantity": quantity}


def _phase(currency: str, items: list[Object], start: int, end: int) -> Object:
    return {
        "add_invoice_items": [],
        "application_fee_percent": None,
        "automatic_tax": automatic_tax(False),
        "billing_cycle_anchor": None,
        "billing_thresholds": None,
        "collection_method": None,
        "currency": currency,
        "default_payment_method": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "end_date": end,
        "invoice_settings": None,
        "items": items,
        "metadata": {},
        "on_behalf_of": None,
        "proration_behavior": "create_prorations",
        "start_date": start,
        "transfer_data": None,
        "trial_end": None,
    }
