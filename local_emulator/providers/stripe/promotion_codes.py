"""Promotion codes: what people type in to redeem a coupon (docs.stripe.com/api/promotion_codes)."""

from __future__ import annotations

import re

from local_emulator.providers.stripe.coupons import redeemable
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure, missing, required
from local_emulator.providers.stripe.forms import number, truth
from local_emulator.providers.stripe.records import Object, listed

_FORM = re.compile(r"[A-Za-z0-9-]{1,500}")


def create_code(stripe: StripeEmulator, params: Object) -> Object:
    """``POST /v1/promotion_codes``; active codes are unique, whatever their case."""
    promotion = params.get("promotion") or {}
    if not promotion.get("coupon"):
        raise required("promotion[coupon]")
    coupon = redeemable(stripe, promotion["coupon"], stripe.now())
    code = params.get("code") or stripe.records.new_id("x")[2:10].upper()
    if not _FORM.fullmatch(code):
        message = "Invalid code: it may have letters, digits and dashes only."
        raise StripeFailure(message, param="code")
    if find_active(stripe, code) is not None:
        message = f"An active promotion code with `code: {code}` already exists."
        raise StripeFailure(message, code="resource_already_exists", param="code")
    restrictions = params.get("restrictions") or {}
    minimum = restrictions.get("minimum_amount")
    if minimum is not None and not restrictions.get("minimum_amount_currency"):
        raise required("restrictions[minimum_amount_currency]")
    if params.get("customer"):
        stripe.records.get("customer", params["customer"], "customer")
    made = stripe.records.add(
        {
            "id": stripe.records.new_id("promo"),
            "object": "promotion_code",
            "active": truth(params.get("active"), True),
            "code": code,
            "created": stripe.now(),
            "customer": params.get("customer"),
            "customer_account": None,
            "expires_at": number(params["expires_at"]) if params.get("expires_at") else None,
            "livemode": False,
            "max_redemptions": number(params["max_redemptions"])
            if params.get("max_redemptions")
            else None,
            "metadata": params.get("metadata") or {},
            "promotion": {"coupon": coupon["id"], "type": "coupon"},
            "restrictions": {
                "first_time_transaction": truth(restrictions.get("first_time_transaction")),
                "minimum_amount": None if minimum is None else number(minimum),
                "minimum_amount_currency": restrictions.get("minimum_amount_currency"),
            },
            "times_redeemed": 0,
        }
    )
    stripe.happened("promotion_code.created", made)
    return made


def update_code(stripe: StripeEmulator, params: Object, code_id: str) -> Object:
    """``POST /v1/promotion_codes/{id}``: whether it is active, and its metadata."""
    code = stripe.records.get("promotion_code", code_id)
    if "active" in params:
        code["active"] = truth(params["active"])
    code["metadata"] |= params.get("metadata") or {}
    stripe.happened("promotion_code.updated", code)
    return code


def list_codes(stripe: StripeEmulator, params: Object) -> Object:
    """``GET /v1/promotion_codes``, by code, coupon, customer and whether they are active."""

    def wanted(code: Object) -> bool:
        return (
            (params.get("code") or code["code"]).lower() == code["code"].lower()
            and params.get("coupon") in {None, code["promotion"]["coupon"]}
            and params.get("customer") in {None, code["customer"]}
            and ("active" not in params or is_active(code, stripe.now()) is truth(params["active"]))
        )

    return listed(stripe.records.all("promotion_code"), params, "/v1/promotion_codes", wanted)


def find_active(stripe: StripeEmulator, code: str) -> Object | None:
    """The active code that people type in so."""
    for one in stripe.records.all("promotion_code"):
        if one["code"].lower() == code.lower() and is_active(one, stripe.now()):
            return one
    return None


def is_active(code: Object, now: int) -> bool:
    """Whether somebody can still redeem it."""
    is_spent = code["max_redemptions"] and code["times_redeemed"] >= code["max_redemptions"]
    is_late = code["expires_at"] and code["expires_at"] < now
    return bool(code["active"] and not is_spent and not is_late)


def usable(
    stripe: StripeEmulator, code_id: str | None, customer: Object, amount: int, currency: str
) -> Object:
    """The code, for this customer and what is to be paid; raises StripeFailure."""
    code = stripe.records.find("promotion_code", code_id)
    if code is None:
        raise missing("promotion code", str(code_id), "promotion_code")
    now = stripe.now(customer["id"])
    if not is_active(code, now):
        raise _refused("This promotion code is no longer active.")
    if code["customer"] not in {None, customer["id"]}:
        raise _refused("This promotion code cannot be redeemed by this customer.")
    restrictions = code["restrictions"]
    if restrictions["first_time_transaction"] and _has_paid(stripe, customer):
        raise _refused(
            "This promotion code cannot be redeemed because the associated customer has prior"
            " transactions."
        )
    minimum = restrictions["minimum_amount"]
    if minimum is not None and restrictions["minimum_amount_currency"] != currency:
        raise _refused("This promotion code cannot be redeemed in this currency.")
    if minimum is not None and amount < minimum:
        raise _refused("The minimum amount of this promotion code is not reached.")
    redeemable(stripe, code["promotion"]["coupon"], now)
    return code


def _has_paid(stripe: StripeEmulator, customer: Object) -> bool:
    """Whether there was a payment: what cost nothing is none."""
    return any(
        one["customer"] == customer["id"] and one["status"] == "paid" and one["amount_paid"]
        for one in stripe.records.all("invoice")
    )


def _refused(message: str) -> StripeFailure:
    return StripeFailure(message, param="promotion_code")
