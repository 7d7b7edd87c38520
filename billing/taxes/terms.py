"""What of tax is asked of Stripe: pure data, which the gateway sends."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TaxTerms:
    """How a subscription is taxed: by Stripe Tax, by these rates, or not at all.

    ``is_set`` is False where Treadle leaves it as it is.
    """

    is_set: bool = False
    automatic: bool = False
    rates: tuple[str, ...] = ()


LEFT_ALONE = TaxTerms()
