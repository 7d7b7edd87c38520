"""What coupons take off a subscription: pure, from what Stripe says of its discounts.

The rules are Stripe's (https://docs.stripe.com/billing/subscriptions/coupons): discounts are
taken off one after the other, each of what is left, and nothing falls below zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from layers import jsontext

Object = Mapping[str, Any]
ONCE = "once"


def discount_columns(
    amount: int | None, product: str | None, currency: str | None, applied: Sequence[Object]
) -> dict[str, Any]:
    """The columns ``discount``, ``discount_ends_at`` and ``discounts`` of an account.

    ``applied`` are Stripe's discounts whose ``source.coupon`` is the coupon itself. What counts
    once only is shown, but is no part of what comes again each interval.
    """
    if not applied or currency is None:
        return {"discount": None, "discount_ends_at": None, "discounts": None}
    lasting = [one for one in applied if _coupon(one)["duration"] != ONCE]
    ends = [one["end"] for one in lasting if one.get("end")]
    return {
        "discount": sum(_amounts(amount or 0, product, currency, lasting)),
        "discount_ends_at": min(ends, default=None),
        "discounts": jsontext.dumps([shown(one, currency) for one in applied]),
    }


def shown(discount: Object, currency: str) -> dict[str, Any]:
    """What is told of a discount: amounts in minor units, its end in Unix seconds."""
    coupon = _coupon(discount)
    promotion = discount.get("promotion_code")
    return {
        "name": coupon.get("name") or coupon["id"],
        "code": promotion["code"] if isinstance(promotion, Mapping) else None,
        "percent_off": None if coupon["percent_off"] is None else str(coupon["percent_off"]),
        "amount_off": amount_off(coupon, currency),
        "duration": coupon["duration"],
        "ends_at": discount.get("end"),
    }


def amount_off(coupon: Object, currency: str) -> int | None:
    """What a coupon takes off in a currency; None where it takes a part, or nothing in it."""
    if coupon.get("amount_off") is None:
        return None
    if coupon["currency"] == currency:
        return int(coupon["amount_off"])
    other = (coupon.get("currency_options") or {}).get(currency)
    return None if other is None else int(other["amount_off"])


def _amounts(
    amount: int, product: str | None, currency: str, applied: Sequence[Object]
) -> Iterator[int]:
    left = amount
    for one in applied:
        coupon = _coupon(one)
        products = (coupon.get("applies_to") or {}).get("products")
        if products and product not in products:
            continue
        if coupon["percent_off"] is None:
            off = min(left, amount_off(coupon, currency) or 0)
        else:
            part = Decimal(str(coupon["percent_off"])) / 100
            off = int((left * part).quantize(Decimal(1), ROUND_HALF_UP))
        left -= off
        yield off


def _coupon(discount: Object) -> Object:
    coupon: Object = discount["source"]["coupon"]
    return coupon
