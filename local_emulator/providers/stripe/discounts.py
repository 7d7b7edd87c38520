"""Discounts: coupons that were redeemed, and what they take off an invoice's lines.

https://docs.stripe.com/billing/subscriptions/coupons: discounts of a subscription, or else those
of its customer, are taken off before tax, one after the other, each of what is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from local_emulator.providers.stripe.coupons import amount_in, redeemable
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure, missing
from local_emulator.providers.stripe.lines import Charge
from local_emulator.providers.stripe.moments import boundary
from local_emulator.providers.stripe.promotion_codes import usable
from local_emulator.providers.stripe.records import Object

PAID = "emulator_paid"


def redeem(
    stripe: StripeEmulator,
    customer: Object,
    given: Sequence[Object],
    worth: tuple[int, str],
    *,
    subscription_id: str | None = None,
    only_tried: bool = False,
) -> list[str]:
    """Redeem coupons and promotion codes; returns the ids of the discounts.

    ``worth`` is what is to be paid, and its currency. ``discount`` keeps one that there is. What
    is ``only_tried`` for a preview uses nothing up.
    """
    amount, currency = worth
    found = []
    for wish in given:
        if wish.get("discount"):
            if stripe.records.find("discount", wish["discount"]) is None:
                raise missing("discount", wish["discount"], "discounts")
            found.append(wish["discount"])
            continue
        code = None
        if wish.get("promotion_code"):
            code = usable(stripe, wish["promotion_code"], customer, amount, currency)
        coupon_id = code["promotion"]["coupon"] if code else wish.get("coupon")
        coupon = redeemable(stripe, coupon_id, stripe.now(customer["id"]))
        if coupon["percent_off"] is None and amount_in(coupon, currency) is None:
            message = f"The coupon {coupon['id']} takes nothing off in {currency}."
            raise StripeFailure(message, param="discounts")
        made = _made(stripe, customer, coupon, code, subscription_id)
        found.append(made["id"])
        if not only_tried:
            _use_up(stripe, coupon, code, made)
    return found


def set_discounts(stripe: StripeEmulator, subscription: Object, given: Any) -> None:
    """Give a subscription these discounts and no others."""
    customer = stripe.records.get("customer", subscription["customer"])
    items = subscription["items"]["data"]
    amount = sum(
        (one["price"]["unit_amount"] or 0) * one["quantity"] for one in items if "quantity" in one
    )
    worth = (amount, subscription["currency"])
    own = subscription["id"]
    kept = redeem(stripe, customer, given or (), worth, subscription_id=own)
    for former in set(subscription["discounts"]) - set(kept):
        _end(stripe, subscription, former)
    subscription["discounts"] = kept


def delete_discount(stripe: StripeEmulator, _params: Object, subscription_id: str) -> Object:
    """``DELETE /v1/subscriptions/{id}/discount``."""
    subscription = stripe.records.get("subscription", subscription_id)
    if not subscription["discounts"]:
        raise missing("active discount for subscription", subscription_id)
    (*_others, last) = subscription["discounts"]
    for discount_id in list(subscription["discounts"]):
        _end(stripe, subscription, discount_id)
    return {"id": last, "object": "discount", "deleted": True}


def inherited(stripe: StripeEmulator, customer: Object, subscription: Object | None) -> list[str]:
    """The discounts of a new invoice: those of the subscription, or else the customer's."""
    own = list(subscription["discounts"]) if subscription else []
    ids = own or ([customer["discount"]] if customer.get("discount") else [])
    now = stripe.now(customer["id"])
    return [one for one in ids if not _has_ended(stripe.records.get("discount", one), now)]


def apply_discounts(stripe: StripeEmulator, invoice: Object) -> None:
    """Write onto an invoice and its lines what its discounts take off; again makes no difference.

    A line's own come first. A percentage is rounded line by line; an amount is spread over the
    lines by what they cost.
    """
    lines = invoice["lines"]["data"]
    for one in lines:
        one["discount_amounts"] = []
    totals = [_take_off(stripe, [one], own) for one in lines for own in one["discounts"]]
    totals += [_take_off(stripe, lines, common) for common in invoice["discounts"]]
    invoice["total_discount_amounts"] = totals


def consume(stripe: StripeEmulator, invoice: Object, subscription: Object | None) -> None:
    """End what counts once and has been taken off, and what has ended, as it is finalised."""
    if subscription is None:
        return
    _note_prices(invoice, subscription)
    taken = {one["discount"] for one in invoice["total_discount_amounts"] if one["amount"]}
    now = stripe.now(invoice["customer"])
    for discount_id in list(subscription["discounts"]):
        is_once = coupon_of(stripe, discount_id)["duration"] == "once"
        discount = stripe.records.get("discount", discount_id)
        if (is_once and discount_id in taken) or _has_ended(discount, now):
            _end(stripe, subscription, discount_id)


def paid_price(charge: Charge) -> int:
    """What was really paid for a full interval of an item, which a credit is a part of."""
    if charge.item is not None and _is_noted(charge):
        return int(charge.item[PAID]["amount"])
    return int(charge.price["unit_amount"] * charge.quantity)


def _is_noted(charge: Charge) -> bool:
    paid = (charge.item or {}).get(PAID)
    wanted = charge.price["id"], charge.quantity
    return paid is not None and (paid["price"], paid["quantity"]) == wanted


def note_paid(stripe: StripeEmulator, subscription: Object) -> None:
    """Remember what the rest of a period was charged by, after a change of items."""
    for item in subscription["items"]["data"]:
        if "quantity" in item:
            charge = Charge(item["price"], item["quantity"], item)
            if not _is_noted(charge):
                _note(item, lasting_price(stripe, subscription, charge))


def lasting_price(stripe: StripeEmulator, subscription: Object, charge: Charge) -> int:
    """What a full interval costs less the discounts that hold, for a proration of it.

    Prorations are net of discounts, and are not discounted again
    (docs.stripe.com/changelog/clover/2025-09-30/itemize-proration-discount-amounts, "included").
    What counts once is left for the next invoice of a period.
    """
    customer = stripe.records.get("customer", subscription["customer"])
    price = charge.price
    left = int(price["unit_amount"] * charge.quantity)
    for discount_id in inherited(stripe, customer, subscription):
        coupon = coupon_of(stripe, discount_id)
        products = (coupon["applies_to"] or {}).get("products")
        if coupon["duration"] == "once" or (products and price["product"] not in products):
            continue
        (off,) = _amounts(coupon, [left], subscription["currency"])
        left -= off
    return left


def coupon_of(stripe: StripeEmulator, discount_id: str) -> Object:
    """The coupon of a discount, even if it has been deleted since."""
    coupon: Any = stripe.records.get("discount", discount_id)["source"]["coupon"]
    return stripe.records.get("coupon", coupon) if isinstance(coupon, str) else coupon


def _made(
    stripe: StripeEmulator,
    customer: Object,
    coupon: Object,
    code: Object | None,
    subscription_id: str | None,
) -> Object:
    now = stripe.now(customer["id"])
    months = coupon["duration_in_months"]
    return stripe.records.add(
        {
            "id": stripe.records.new_id("di"),
            "object": "discount",
            "checkout_session": None,
            "customer": customer["id"],
            "customer_account": None,
            "end": boundary(now, "month", 1, months) if months else None,
            "invoice": None,
            "invoice_item": None,
            "promotion_code": code["id"] if code else None,
            "source": {"coupon": coupon["id"], "type": "coupon"},
            "start": now,
            "subscription": subscription_id,
            "subscription_item": None,
        }
    )


def _use_up(stripe: StripeEmulator, coupon: Object, code: Object | None, discount: Object) -> None:
    coupon["times_redeemed"] += 1
    if code is not None:
        code["times_redeemed"] += 1
    stripe.happened("customer.discount.created", discount)


def _end(stripe: StripeEmulator, subscription: Object, discount_id: str) -> None:
    subscription["discounts"] = [one for one in subscription["discounts"] if one != discount_id]
    stripe.happened("customer.discount.deleted", stripe.records.get("discount", discount_id))


def _has_ended(discount: Object, now: int) -> bool:
    return discount["end"] is not None and discount["end"] <= now


def _take_off(stripe: StripeEmulator, lines: list[Object], discount_id: str) -> Object:
    coupon = coupon_of(stripe, discount_id)
    wanted = [one for one in lines if _is_for(one, coupon)]
    currency = wanted[0]["currency"] if wanted else ""
    amounts = _amounts(coupon, [_left(one) for one in wanted], currency)
    for one, amount in zip(wanted, amounts, strict=True):
        if amount:
            one["discount_amounts"].append({"amount": amount, "discount": discount_id})
    return {"amount": sum(amounts), "discount": discount_id}


def _is_for(line: Object, coupon: Object) -> bool:
    products = (coupon["applies_to"] or {}).get("products")
    details = (line["pricing"] or {}).get("price_details") or {}
    return bool(line["discountable"]) and (not products or details.get("product") in products)


def _left(line: Object) -> int:
    return int(line["amount"]) - sum(int(one["amount"]) for one in line["discount_amounts"])


def _note_prices(invoice: Object, subscription: Object) -> None:
    """Remember what of an invoice's full intervals was paid after discounts, item by item."""
    items = {one["id"]: one for one in subscription["items"]["data"] if "quantity" in one}
    for line in invoice["lines"]["data"]:
        details = line["parent"].get("subscription_item_details") or {}
        item = items.get(details.get("subscription_item"))
        if item is None or not line["discountable"] or line["amount"] <= 0:
            continue
        # A draft may be of what the subscription was before a change.
        charged = line["pricing"]["price_details"]["price"], line["quantity"]
        if charged == (item["price"]["id"], item["quantity"]):
            _note(item, _left(line))


def _note(item: Object, amount: int) -> None:
    item[PAID] = {"price": item["price"]["id"], "quantity": item["quantity"], "amount": amount}


def _amounts(coupon: Object, costs: list[int], currency: str) -> list[int]:
    """What is taken off each of these costs."""
    if coupon["percent_off"] is not None:
        part = Decimal(str(coupon["percent_off"])) / 100
        return [_rounded(max(0, one) * part) for one in costs]
    whole = sum(max(0, one) for one in costs)
    off = min(whole, amount_in(coupon, currency) or 0)
    amounts = [0 if whole == 0 else _rounded(Decimal(off) * max(0, one) / whole) for one in costs]
    for at in reversed(range(len(amounts))):
        # What rounding gave too much or too little is the last line's.
        amounts[at] = min(max(0, costs[at]), max(0, amounts[at] + off - sum(amounts)))
    return amounts


def _rounded(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))
