"""What is kept of an invoice's lines, and the period that the invoice is for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from billing.invoices.kept_taxes import taxes

Object = Mapping[str, Any]


def kept_lines(invoice: Object, rates: Mapping[str, Object] | None = None) -> list[dict[str, Any]]:
    """What is shown of an invoice's lines, in Stripe's order.

    ``limit`` names the usage that a line is for; None for seats and for whatever else.
    ``amount`` is before discounts, ``discount`` what they take off it.
    """
    return [_line(one, rates or {}) for one in invoice["lines"]["data"]]


def supply_period(invoice: Object) -> tuple[float, float]:
    """What an invoice is for, from when to when, in Unix seconds.

    That of the seats which it pays ahead, else that of what it says of seats at all (a change in
    the middle of a period), else that of all its lines. Never Stripe's ``period_*``: that looks
    back, at when items were added (https://docs.stripe.com/api/invoices/object).
    """
    lines = invoice["lines"]["data"]
    seats = [one for one in lines if _is_of_seats(one)]
    ahead = [one for one in seats if not _is_proration(one)]
    periods = [one["period"] for one in ahead or seats or lines]
    if not periods:
        return invoice["created"], invoice["created"]
    return min(one["start"] for one in periods), max(one["end"] for one in periods)


def _line(line: Object, rates: Mapping[str, Object]) -> dict[str, Any]:
    unit = (line.get("pricing") or {}).get("unit_amount_decimal")
    return {
        "id": line["id"],
        "description": line["description"],
        "quantity": line["quantity"],
        "unit_amount": None if unit is None else str(unit),
        "amount": line["amount"],
        "currency": line["currency"],
        "period_start": line["period"]["start"],
        "period_end": line["period"]["end"],
        "is_proration": _is_proration(line),
        "is_of_seats": _is_of_seats(line),
        "limit": _limit(line),
        "discount": sum(one["amount"] for one in line.get("discount_amounts") or ()),
        "taxes": taxes(line.get("taxes"), rates),
        "metadata": dict(line.get("metadata") or {}),
    }


def _is_proration(line: Object) -> bool:
    parent = line.get("parent") or {}
    details = parent.get("subscription_item_details") or parent.get("invoice_item_details") or {}
    return bool(details.get("proration"))


def _is_of_seats(line: Object) -> bool:
    product = _product(line)
    parts = product.split("_", 2)
    return parts[0] == "treadle" and len(parts) == 2


def _limit(line: Object) -> str | None:
    """Which usage a line is for, by its product: ``treadle_pro_executions``."""
    parts = _product(line).split("_", 2)
    return parts[2] if len(parts) == 3 and parts[0] == "treadle" else None


def _product(line: Object) -> str:
    details = (line.get("pricing") or {}).get("price_details") or {}
    product = details.get("product") or ""
    return str(product if isinstance(product, str) else product["id"])
