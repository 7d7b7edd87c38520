"""What an invoice's lines add up to, and what of it is due: after each change of the lines."""

from __future__ import annotations

from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.records import Object

SMALLEST = {"usd": 50, "eur": 50, "gbp": 30, "jpy": 50}
"""What can be charged at least, in minor units; what is less is added to the customer's balance
(https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts)."""


def settle(stripe: StripeEmulator, invoice: Object) -> None:
    """Bring the sums of an invoice up to date."""
    lines = invoice["lines"]["data"]
    invoice["subtotal"] = sum(one["amount"] for one in lines)
    invoice["total"] = invoice["subtotal"]
    invoice["subtotal_excluding_tax"] = invoice["subtotal"]
    invoice["total_excluding_tax"] = invoice["total"]
    _settle_due(stripe, invoice)


def _settle_due(stripe: StripeEmulator, invoice: Object) -> None:
    """What is due once the customer's balance is taken into account."""
    customer = stripe.records.get("customer", invoice["customer"])
    invoice["starting_balance"] = customer["balance"]
    due = max(0, invoice["total"] + customer["balance"])
    invoice["amount_due"] = 0 if is_too_small(invoice["currency"], due) else due
    invoice["amount_remaining"] = invoice["amount_due"]


def is_too_small(currency: str, amount: int) -> bool:
    """Whether nothing of this amount can be charged."""
    return 0 < amount < SMALLEST.get(currency, 0)


def ending_balance(invoice: Object) -> int:
    """What the balance of a customer will be once an invoice is finalised."""
    due = invoice["total"] + invoice["starting_balance"]
    return min(0, due) or (due if is_too_small(invoice["currency"], due) else 0)
