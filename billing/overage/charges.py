"""What overage costs, how it is named on invoices, and when it belongs to a month that is over."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

LATE_AFTER_S = 3600.0
"""So long after a month its invoice can still be a draft; what comes after that is late."""
LIMIT_NAMES = {"executions": "Executions", "ai_tokens": "AI tokens", "api_calls": "API calls"}
"""How limits are written on invoices and in the names of products."""


def charge_of(limit: str, month_start: float, plan_version_id: str, currency: str) -> str:
    """The name of what is charged together: one price, one month of usage."""
    return f"{limit}:{int(month_start)}:{plan_version_id}:{currency}"


def amount_of(quantity: int, unit_amount: str | Decimal) -> int:
    """What so many cost, in minor units: rounded half up a line, as Stripe does.

    Below zero it is what is given back.
    """
    amount = Decimal(unit_amount) * abs(quantity)
    rounded = int(amount.quantize(Decimal(1), ROUND_HALF_UP))
    return rounded if quantity >= 0 else -rounded


def limit_name(limit: str) -> str:
    """A limit as people read it."""
    return LIMIT_NAMES.get(limit, limit.replace("_", " ").capitalize())


def overage_text(limit: str, plan_name: str, month: tuple[float, float], *, is_late: bool) -> str:
    """The words of a line of overage."""
    what = f"{limit_name(limit)} beyond Treadle {plan_name}"
    if is_late:
        began = datetime.fromtimestamp(month[0], UTC)
        return f"Late usage of {began:%B %Y}: {what}"
    return f"{what}, {_day(month[0])} to {_day(month[1])}"


def _day(moment: float) -> str:
    at = datetime.fromtimestamp(moment, UTC)
    return f"{at.day} {at:%b %Y}"
