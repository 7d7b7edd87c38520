"""Invoice items as Stripe takes and gives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from billing.overage.charges import amount_of, overage_text
from billing.plans.plan import Plan

CREDIT_MARK = "treadle_credit"
"""In an item's metadata: how much prepaid credit is taken off it."""

COUPON_MARK = "treadle_credit_item"
"""In a coupon's metadata: the item that it takes prepaid credit off."""


def item_params(account: Row[Any], item: Row[Any], plan: Plan) -> dict[str, Any]:
    """What makes an item; its price is still to be named where it has no amount of its own."""
    params: dict[str, Any] = {
        "customer": account.customer_id,
        "period": {"start": int(item.month_start), "end": int(item.month_end)},
        "metadata": {
            "treadle_item": item.id,
            "treadle_kind": item.kind,
            "treadle_limit": item.limit_name,
            "treadle_late": "true" if item.is_late else "false",
            "workspace_id": item.workspace_id,
            CREDIT_MARK: str(item.credit),
        },
        **value_of(item),
    }
    month = (item.month_start, item.month_end)
    is_late = bool(item.is_late)
    params["description"] = overage_text(item.limit_name, plan.name, month, is_late=is_late)
    if "amount" in params:
        params["currency"] = item.currency
    return params


def value_of(item: Row[Any]) -> dict[str, Any]:
    """What an item says: a quantity at its price, or an amount that is given back."""
    if item.wanted < 0:
        return {"amount": amount_of(item.wanted, item.unit_amount)}
    return {"quantity": int(item.wanted)}


def said_by(item: Row[Any], found: Mapping[str, Any]) -> int:
    """What an item says as Stripe has it."""
    if item.wanted < 0:
        return int(item.wanted)
    return int(found["quantity"])


def credit_on(found: Mapping[str, Any]) -> int:
    """How much prepaid credit is taken off an item as Stripe has it."""
    return int((found.get("metadata") or {}).get(CREDIT_MARK) or 0)


def credit_coupon(item: Row[Any]) -> dict[str, Any]:
    """The coupon that takes an item's credit off it: for this item alone, once."""
    return {
        "name": "Prepaid credits",
        "amount_off": int(item.credit),
        "currency": item.currency,
        "duration": "once",
        "max_redemptions": 1,
        "metadata": {COUPON_MARK: item.id, "workspace_id": item.workspace_id},
    }


def is_of_credits(coupon: Mapping[str, Any]) -> bool:
    """Whether a coupon was made to take prepaid credit off an item."""
    return COUPON_MARK in (coupon.get("metadata") or {})
