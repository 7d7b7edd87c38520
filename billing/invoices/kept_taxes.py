"""What is kept of the taxes and discounts of invoices, credit notes and their lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Object = Mapping[str, Any]


def tax_rate_ids(document: Object) -> set[str]:
    """The tax rates that an invoice or a credit note names: Stripe tells them by id alone."""
    lines = [line for one in document["lines"]["data"] for line in one.get("taxes") or ()]
    found = (_rate_id(one) for one in [*(document.get("total_taxes") or ()), *lines])
    return {one for one in found if one}


def taxes(found: Sequence[Object] | None, rates: Mapping[str, Object]) -> list[dict[str, Any]]:
    """Taxes as they are kept, of the whole or of a line.

    ``percentage`` is text such as ``"19"``, and None where the rate is not known; ``reason`` is
    Stripe's ``taxability_reason``, such as ``reverse_charge``.
    """
    return [_tax(one, rates.get(_rate_id(one) or "") or {}) for one in found or ()]


def coupon_ids(invoice: Object) -> set[str]:
    """The coupons that an invoice names by id alone."""
    found = (_coupon(one) for one in invoice.get("total_discount_amounts") or ())
    return {one for one in found if isinstance(one, str)}


def discounts(
    found: Sequence[Object] | None, coupons: Mapping[str, Object]
) -> list[dict[str, Any]]:
    """What was taken off, by discount: ``name``, ``percent_off`` and ``amount``."""
    return [_discount(one, coupons) for one in found or () if one["amount"]]


def _tax(tax: Object, rate: Object) -> dict[str, Any]:
    percentage = rate.get("effective_percentage")
    if percentage is None:
        percentage = rate.get("percentage")
    return {
        "rate": _rate_id(tax),
        "amount": tax["amount"],
        "taxable_amount": tax.get("taxable_amount"),
        "is_inclusive": tax.get("tax_behavior") == "inclusive",
        "reason": tax.get("taxability_reason"),
        "percentage": None if percentage is None else str(percentage),
        "name": rate.get("display_name"),
        "jurisdiction": rate.get("jurisdiction"),
        "country": rate.get("country"),
    }


def _rate_id(tax: Object) -> str | None:
    rate = (tax.get("tax_rate_details") or {}).get("tax_rate")
    return rate["id"] if isinstance(rate, Mapping) else rate


def _discount(found: Object, coupons: Mapping[str, Object]) -> dict[str, Any]:
    named = _coupon(found)
    coupon = (coupons.get(named) or {"id": named}) if isinstance(named, str) else named
    percent = coupon.get("percent_off")
    return {
        "amount": found["amount"],
        "name": coupon.get("name") or coupon.get("id"),
        "percent_off": None if percent is None else str(percent),
    }


def _coupon(found: Object) -> str | Object:
    """The coupon of a discount, or its id; nothing where the discount itself is an id."""
    discount = found.get("discount")
    if not isinstance(discount, Mapping):
        return {}
    coupon: str | Object = (discount.get("source") or {}).get("coupon") or {}
    return coupon
