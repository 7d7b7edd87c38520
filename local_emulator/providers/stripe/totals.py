"""What an invoice's lines add up to, and what of it is due: after each change of the lines."""

from __future__ import annotations

from local_emulator.providers.stripe.discounts import apply_discounts
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.records import Object
from local_emulator.providers.stripe.taxes import apply_taxes, tax_sums

SMALLEST = {"usd": 50, "eur": 50, "gbp": 30, "jpy": 50}
"""What can be charged at least, in minor units; what is less is added to the customer's balance
(https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts)."""


def settle(stripe: StripeEmulator, invoice: Object) -> None:
    """Bring the sums of an invoice up to date: discounts are taken off before tax."""
    lines = invoice["lines"]["data"]
    apply_discounts(stripe, invoice)
    apply_taxes(stripe, invoice)
    exclusive, inclusive, inclusive_before_discounts = tax_sums(invoice)
    off = sum(one["amount"] for one in invoice["total_discount_amounts"])
    invoice["subtotal"] = sum(one["amount"] for one in lines)
    invoice["total"] = invoice["subtotal"] - off + exclusive
    invoice["subtotal_excluding_tax"] = invoice["subtotal"] - inclusive_before_discounts
    invoice["total_excluding_tax"] = invoice["total"] - exclusive - inclusive
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
