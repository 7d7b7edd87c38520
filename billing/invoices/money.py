"""Amounts of money as people read them."""

from __future__ import annotations

from decimal import Decimal

ZERO_DECIMAL = frozenset(
    (
        *("bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga"),
        *("pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf"),
    )
)
"""Currencies whose amounts are whole (https://docs.stripe.com/currencies#zero-decimal)."""


def decimals(currency: str) -> int:
    """How many digits follow the point in a currency."""
    return 0 if currency.lower() in ZERO_DECIMAL else 2


def written(amount: int, currency: str) -> str:
    """An amount in minor units, such as ``1999`` ``usd``, as ``19.99 USD``."""
    digits = decimals(currency)
    value = Decimal(amount).scaleb(-digits)
    return f"{value:,.{digits}f} {currency.upper()}"


def decimal_text(amount: int, currency: str) -> str:
    """An amount in minor units as a plain number for programs: ``1999`` ``usd`` is ``19.99``."""
    digits = decimals(currency)
    return f"{Decimal(amount).scaleb(-digits):.{digits}f}"
