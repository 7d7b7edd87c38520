"""Amounts, and which currency a customer pays in."""

from __future__ import annotations

from decimal import Decimal

from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure
from local_emulator.providers.stripe.records import Object

ENDED = frozenset({"canceled", "incomplete_expired"})


def check_currency(stripe: StripeEmulator, customer: Object, currency: str) -> None:
    """Refuse another currency than that of what a customer has (docs.stripe.com/billing/customer).

    Once nothing of it is left, any currency will do.
    """
    taken = {
        one["currency"]
        for one in stripe.records.of(customer["id"], "subscription")
        if one["status"] not in ENDED
    }
    taken |= {
        one["currency"]
        for one in stripe.records.of(customer["id"], "invoiceitem")
        if one["invoice"] is None
    }
    if taken - {currency}:
        raise StripeFailure(
            "You cannot combine currencies on a single customer. This customer has an active"
            " subscription, subscription schedule, discount, quote, or invoice item with currency"
            f" {min(taken - {currency})}.",
            param="currency",
        )


def plain_text(amount: Decimal) -> str:
    """A decimal as Stripe writes it: without an exponent or zeros behind."""
    return f"{amount:f}".rstrip("0").rstrip(".") if "." in f"{amount:f}" else f"{amount:f}"
