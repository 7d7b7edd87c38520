"""What invoice items may be on which invoice, and what is taken off one item alone.

https://docs.stripe.com/api/invoiceitems/create
"""

from __future__ import annotations

from collections.abc import Sequence

from local_emulator.providers.stripe.discounts import redeem
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure
from local_emulator.providers.stripe.records import Object


def check_for_automatic_tax(invoice: Object, items: Sequence[Object]) -> None:
    """Refuse what Stripe Tax computes nothing for: items below zero, or with rates of their own.

    "Incompatible invoice items [...] cannot be added to automatic tax invoices"
    (https://docs.stripe.com/api/invoices/object#invoice_object-automatic_tax-enabled). Prorations
    are Stripe's own.
    """
    if not invoice["automatic_tax"]["enabled"]:
        return
    for one in items:
        if is_incompatible(one):
            message = (
                "Invoice items with negative amounts or tax rates of their own cannot be added to"
                " an invoice with automatic tax."
            )
            raise StripeFailure(message, param="automatic_tax[enabled]")


def is_incompatible(item: Object) -> bool:
    """Whether Stripe Tax computes nothing for an item; such a one goes on waiting."""
    return not item["proration"] and bool(item["amount"] < 0 or item["tax_rates"])


def set_item_discounts(
    stripe: StripeEmulator, customer: Object, item: Object, params: Object
) -> None:
    """Give an item these discounts and no others, where they are given."""
    if "discounts" not in params:
        return
    worth = (item["amount"], item["currency"])
    item["discounts"] = redeem(stripe, customer, params["discounts"] or (), worth)
    for one in item["discounts"]:
        stripe.records.get("discount", one)["invoice_item"] = item["id"]
