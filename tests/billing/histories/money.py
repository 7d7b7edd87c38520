"""Rounding and proration, worked out anew: docs.stripe.com/billing/subscriptions/prorations.

Stripe prorates to the second, and rounds each line to the currency's minor unit by itself.
"""

from __future__ import annotations

from fractions import Fraction


def rounded(amount: Fraction) -> int:
    """Half away from nothing, as sums of money are rounded."""
    doubled = abs(amount) * 2
    whole = (doubled.numerator + doubled.denominator) // (2 * doubled.denominator)
    return whole if amount >= 0 else -whole


def part(amount: int, period: tuple[int, int], moment: int) -> int:
    """What of an amount is for the rest of a period."""
    begin, end = period
    return rounded(Fraction(amount) * Fraction(max(0, end - moment), end - begin))
