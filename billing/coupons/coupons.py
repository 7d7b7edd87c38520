"""The coupons and promotion codes of an instance, which its administrator makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from billing.accounts.accounts import request_key
from billing.failures import StripeRefused
from billing.overage.item_shapes import is_of_credits
from billing.plans.plan import Plan
from billing.stripe_gateway import StripeGateway
from layers.errors import FieldError, InvalidInput, NotFound

Object = Mapping[str, Any]
Duration = Literal["once", "repeating", "forever"]


@dataclass(frozen=True)
class NewCoupon:
    """What is taken off: a part in percent, or amounts by currency in minor units."""

    code: str
    name: str
    percent_off: Decimal | None
    amounts_off: Mapping[str, int]
    duration: Duration
    duration_in_months: int | None = None
    max_redemptions: int | None = None
    expires_at: int | None = None
    first_time_transaction: bool = False
    plans: tuple[str, ...] = ()
    """For these plans only; empty for all."""


class Coupons:
    """Made, listed and ended at Stripe, which is where they are kept."""

    def __init__(self, gateway: StripeGateway, plans: tuple[Plan, ...]) -> None:
        self._gateway = gateway
        self._plans = plans

    def all(self) -> list[dict[str, Any]]:
        """Every promotion code with its coupon, the newest first, then coupons without a code."""
        coupons = {one["id"]: one for one in self._gateway.coupons() if not is_of_credits(one)}
        codes = list(self._gateway.promotion_codes())
        named = {_coupon_id(code) for code in codes}
        shown = [_shown(coupons.get(_coupon_id(code)), code) for code in codes]
        return shown + [_shown(one, None) for key, one in coupons.items() if key not in named]

    def create(self, wanted: NewCoupon) -> dict[str, Any]:
        """Make a coupon and the code that people type in for it; raises InvalidInput."""
        self._check(wanted)
        coupon = self._gateway.create_coupon(self._wish(wanted), request_key("coupon"))
        code: dict[str, Any] = {
            "code": wanted.code,
            "promotion": {"type": "coupon", "coupon": coupon["id"]},
        }
        if wanted.max_redemptions is not None:
            code["max_redemptions"] = wanted.max_redemptions
        if wanted.expires_at is not None:
            code["expires_at"] = wanted.expires_at
        if wanted.first_time_transaction:
            code["restrictions"] = {"first_time_transaction": True}
        try:
            made = self._gateway.create_promotion_code(code, request_key("promotion_code"))
        except StripeRefused as error:
            # Nobody could redeem a coupon without its code.
            self._gateway.delete_coupon(coupon["id"])
            raise InvalidInput(errors=[FieldError("/code", error.detail)]) from error
        return _shown(coupon, made)

    def deactivate(self, code_id: str) -> dict[str, Any]:
        """Let nobody redeem a code any more; who has its discount keeps it."""
        try:
            code = self._gateway.deactivate_promotion_code(code_id)
        except StripeRefused as error:
            if error.status_code != 404:
                raise
            raise NotFound("There is no promotion code with that id.") from error
        return _shown(self._gateway.coupon(_coupon_id(code)), code)

    def _check(self, wanted: NewCoupon) -> None:
        errors = []
        if (wanted.percent_off is None) is (not wanted.amounts_off):
            message = "Give a part in percent, or amounts by currency, and not both."
            errors.append(FieldError("/percent_off", message))
        if (wanted.duration == "repeating") is (wanted.duration_in_months is None):
            message = "Say for how many months it repeats; for no other duration."
            errors.append(FieldError("/duration_in_months", message))
        sold = {one.plan for one in self._plans if one.is_for_sale}
        errors += [
            FieldError(f"/plans/{at}", f"Choose from {', '.join(sorted(sold))}.")
            for at, one in enumerate(wanted.plans)
            if one not in sold
        ]
        if errors:
            raise InvalidInput(errors=errors)
        if self._gateway.promotion_code(wanted.code) is not None:
            message = "There is an active code that reads so: choose another, or end that one."
            raise InvalidInput(errors=[FieldError("/code", message)])

    def _wish(self, wanted: NewCoupon) -> dict[str, Any]:
        params: dict[str, Any] = {"name": wanted.name, "duration": wanted.duration}
        if wanted.duration_in_months is not None:
            params["duration_in_months"] = wanted.duration_in_months
        if wanted.percent_off is not None:
            params["percent_off"] = str(wanted.percent_off)
        else:
            first, *others = wanted.amounts_off
            params |= {"currency": first, "amount_off": wanted.amounts_off[first]}
            if others:
                params["currency_options"] = {
                    one: {"amount_off": wanted.amounts_off[one]} for one in others
                }
        if wanted.plans:
            params["applies_to"] = {"products": [f"treadle_{one}" for one in wanted.plans]}
        return params


def _coupon_id(code: Object) -> str:
    coupon = code["promotion"]["coupon"]
    return str(coupon if isinstance(coupon, str) else coupon["id"])


def _shown(coupon: Object | None, code: Object | None) -> dict[str, Any]:
    """A code and what it takes off, as JSON; ``coupon`` is None where it was deleted."""
    coupon = coupon or {}
    products = (coupon.get("applies_to") or {}).get("products") or ()
    percent = coupon.get("percent_off")
    return {
        "id": code["id"] if code else None,
        "code": code["code"] if code else None,
        "coupon_id": coupon.get("id") or (_coupon_id(code) if code else None),
        "name": coupon.get("name"),
        "percent_off": None if percent is None else str(percent),
        "amounts_off": _amounts(coupon),
        "duration": coupon.get("duration"),
        "duration_in_months": coupon.get("duration_in_months"),
        "plans": [one.removeprefix("treadle_") for one in products],
        "first_time_transaction": bool(code and code["restrictions"]["first_time_transaction"]),
        "active": bool(code["active"] if code else coupon.get("valid")),
        "times_redeemed": code["times_redeemed"] if code else coupon.get("times_redeemed") or 0,
        "max_redemptions": (code or coupon).get("max_redemptions"),
        "expires_at": code["expires_at"] if code else coupon.get("redeem_by"),
    }


def _amounts(coupon: Object) -> dict[str, int]:
    if coupon.get("amount_off") is None:
        return {}
    others = coupon.get("currency_options") or {}
    return {coupon["currency"]: coupon["amount_off"]} | {
        name: one["amount_off"] for name, one in others.items()
    }
