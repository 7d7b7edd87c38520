"""Lines of invoices."""

from __future__ import annotations

from dataclasses import dataclass

from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.records import Object

TIMES = "\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True)
class Charge:
    """What a line is for: so many of a price, and the subscription's item that it belongs to."""

    price: Object
    quantity: int
    item: Object | None = None
    unit: str | None = None
    """What one costs, in minor units, where that is not the price's own amount."""

    def named(self, stripe: StripeEmulator) -> str:
        """As Stripe words it: ``2 x Pro``, with the sign of multiplication."""
        product = stripe.records.get("product", self.price["product"])
        return f"{self.quantity} {TIMES} {product['name']}"


def line(
    stripe: StripeEmulator,
    charge: Charge,
    amount: int,
    period: tuple[int, int],
    description: str,
    *,
    is_proration: bool = False,
) -> Object:
    """One line of an invoice; amounts in the currency's minor unit, of either sign."""
    price, quantity, item = charge.price, charge.quantity, charge.item
    return {
        "id": stripe.records.new_id("il"),
        "object": "line_item",
        "amount": amount,
        "currency": price["currency"],
        "description": description,
        "discountable": not is_proration,
        "discounts": [],
        "livemode": False,
        "metadata": {},
        "parent": {
            "type": "subscription_item_details",
            "invoice_item_details": None,
            "subscription_item_details": {
                "proration": is_proration,
                "subscription": item["subscription"] if item else None,
                "subscription_item": item["id"] if item else None,
            },
        },
        "period": {"start": period[0], "end": period[1]},
        "pricing": {
            "type": "price_details",
            "price_details": {"price": price["id"], "product": price["product"]},
            "unit_amount_decimal": charge.unit or str(price["unit_amount"] or 0),
        },
        "quantity": quantity,
        "subtotal": amount,
        "taxes": [],
    }
