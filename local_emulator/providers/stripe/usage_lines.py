"""Lines for what was used."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.lines import Charge, line
from local_emulator.providers.stripe.meters import used
from local_emulator.providers.stripe.records import Object

PRICED_SINCE = "emulator_priced_since"
"""Since when an item has its price, where that is not since it was made."""


def metered_lines(
    stripe: StripeEmulator, subscription: Object, period: tuple[int, int]
) -> list[Object]:
    """What was used within a period, by item."""
    lines = []
    for item in subscription["items"]["data"]:
        if "quantity" not in item:
            lines += item_lines(stripe, subscription["customer"], item, period)
    return lines


def item_lines(
    stripe: StripeEmulator, customer_id: str, item: Object, period: tuple[int, int]
) -> list[Object]:
    """What was used of one metered item within a period, but not before it was added."""
    price = item["price"]
    begins = int(item.get(PRICED_SINCE) or item["created"])
    since = max(period[0], min(begins, period[1])), period[1]
    quantity = used(stripe, price["recurring"]["meter"], customer_id, since)
    lines = []
    for unit, units in _tiered(price, quantity):
        amount = int((Decimal(unit) * units).quantize(Decimal(1), ROUND_HALF_UP))
        charge = Charge(price, units, item, unit)
        lines.append(line(stripe, charge, amount, since, charge.named(stripe)))
    return lines


def _tiered(price: Object, quantity: int) -> list[tuple[str, int]]:
    """What one costs, and how many of them: a line for each tier that is reached."""
    if not price["emulator_tiers"]:
        return [(str(price["unit_amount_decimal"] or price["unit_amount"] or 0), quantity)]
    found: list[tuple[str, int]] = []
    begins = 0
    for tier in price["emulator_tiers"]:
        ends = quantity if tier["up_to"] is None else min(quantity, tier["up_to"])
        if ends > begins or not found:
            found.append((tier["unit_amount_decimal"], ends - begins))
        begins = max(begins, ends)
    return found
