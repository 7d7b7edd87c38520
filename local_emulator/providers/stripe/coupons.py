"""Coupons: what is taken off, for how long, and how often (docs.stripe.com/api/coupons)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure, missing, required
from local_emulator.providers.stripe.forms import number
from local_emulator.providers.stripe.records import Object, listed

DURATIONS = ("once", "repeating", "forever")


def create_coupon(stripe: StripeEmulator, params: Object) -> Object:
    """``POST /v1/coupons``; what it takes off never changes."""
    percent, amount = params.get("percent_off"), params.get("amount_off")
    if (percent is None) is (amount is None):
        message = "You must pass exactly one of percent_off or amount_off."
        raise StripeFailure(message, param="percent_off")
    if amount is not None and not params.get("currency"):
        raise required("currency")
    if percent is not None and not 0 < Decimal(percent) <= 100:
        message = "Invalid percent_off: it must be greater than 0, and 100 at most."
        raise StripeFailure(message, param="percent_off")
    if amount is not None and number(amount) < 1:
        raise StripeFailure("This value must be greater than or equal to 1.", param="amount_off")
    coupon_id = params.get("id") or stripe.records.new_id("x")[2:10]
    if stripe.records.find("coupon", coupon_id) is not None:
        message = "Coupon already exists."
        raise StripeFailure(message, code="resource_already_exists", param="id")
    made = stripe.records.add(
        {
            "id": coupon_id,
            "object": "coupon",
            "amount_off": None if amount is None else number(amount),
            "applies_to": _products(stripe, params.get("applies_to")),
            "created": stripe.now(),
            "currency": None if amount is None else params["currency"].lower(),
            "currency_options": _currencies(params.get("currency_options")),
            **_duration(params),
            "livemode": False,
            "max_redemptions": _optional(params.get("max_redemptions")),
            "metadata": params.get("metadata") or {},
            "name": params.get("name"),
            "percent_off": None if percent is None else float(Decimal(percent)),
            "redeem_by": _optional(params.get("redeem_by")),
            "times_redeemed": 0,
            "valid": True,
        }
    )
    stripe.happened("coupon.created", made)
    return made


def update_coupon(stripe: StripeEmulator, params: Object, coupon_id: str) -> Object:
    """``POST /v1/coupons/{id}``: its name and metadata."""
    coupon = stripe.records.get("coupon", coupon_id)
    if "name" in params:
        coupon["name"] = params["name"]
    coupon["metadata"] |= params.get("metadata") or {}
    stripe.happened("coupon.updated", coupon)
    return coupon


def read_coupon(stripe: StripeEmulator, _params: Object, coupon_id: str) -> Object:
    """``GET /v1/coupons/{id}``."""
    return _as_of_now(stripe, stripe.records.get("coupon", coupon_id))


def list_coupons(stripe: StripeEmulator, params: Object) -> Object:
    """``GET /v1/coupons``."""
    found = [_as_of_now(stripe, one) for one in stripe.records.all("coupon")]
    return listed(found, params, "/v1/coupons")


def delete_coupon(stripe: StripeEmulator, _params: Object, coupon_id: str) -> Object:
    """``DELETE /v1/coupons/{id}``: discounts that there are keep what it was."""
    coupon = stripe.records.get("coupon", coupon_id)
    for discount in stripe.records.all("discount"):
        if discount["source"]["coupon"] == coupon_id:
            discount["source"]["coupon"] = dict(coupon)
    stripe.records.forget(coupon_id)
    stripe.happened("coupon.deleted", coupon)
    return {"id": coupon_id, "object": "coupon", "deleted": True}


def redeemable(stripe: StripeEmulator, coupon_id: str | None, now: int) -> Object:
    """The coupon; raises StripeFailure where nobody can redeem it any more."""
    coupon = stripe.records.find("coupon", coupon_id)
    if coupon is None:
        raise missing("coupon", str(coupon_id), "coupon")
    if not _is_valid(coupon, now):
        message = f"Coupon expired: {coupon['id']}"
        raise StripeFailure(message, code="coupon_expired", param="coupon")
    return coupon


def amount_in(coupon: Object, currency: str) -> int | None:
    """What a coupon of an amount takes off in a currency; None where it takes nothing in it."""
    if coupon["currency"] == currency:
        return int(coupon["amount_off"])
    other = (coupon["currency_options"] or {}).get(currency)
    return None if other is None else int(other["amount_off"])


def _as_of_now(stripe: StripeEmulator, coupon: Object) -> Object:
    coupon["valid"] = _is_valid(coupon, stripe.now())
    return coupon


def _is_valid(coupon: Object, now: int) -> bool:
    is_spent = coupon["max_redemptions"] and coupon["times_redeemed"] >= coupon["max_redemptions"]
    is_late = coupon["redeem_by"] and coupon["redeem_by"] < now
    return not is_spent and not is_late


def _duration(params: Object) -> Object:
    duration = params.get("duration") or "once"
    if duration not in DURATIONS:
        message = f"Invalid duration: must be one of {', '.join(DURATIONS)}"
        raise StripeFailure(message, param="duration")
    months = _optional(params.get("duration_in_months"))
    if (duration == "repeating") is (months is None):
        message = "duration_in_months is for the duration repeating, which needs it."
        raise StripeFailure(message, param="duration_in_months")
    return {"duration": duration, "duration_in_months": months}


def _products(stripe: StripeEmulator, given: Object | None) -> Object | None:
    if not given or not given.get("products"):
        return None
    for product_id in given["products"]:
        stripe.records.get("product", product_id, "applies_to[products]")
    return {"products": list(given["products"])}


def _currencies(given: dict[str, Any] | None) -> Object | None:
    if not given:
        return None
    return {name.lower(): {"amount_off": number(one["amount_off"])} for name, one in given.items()}


def _optional(value: Any) -> int | None:
    return None if value is None else number(value)
