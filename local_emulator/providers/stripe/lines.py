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
    subscription_id = item["subscription"] if item else None
    return {
        "id": stripe.records.new_id("il"),
        "object": "line_item",
        "amount": amount,
        "currency": price["currency"],
        "description": description,
        "discount_amounts": [],
        "discountable": not is_proration,
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "metadata": dict(item["metadata"]) if item else {},
        "parent": {
            "type": "subscription_item_details",
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": None,
                "proration": is_proration,
                "proration_details": {"credited_items": None} if is_proration else None,
                "subscription": subscription_id,
                "subscription_item": item["id"] if item else None,
            },
        },
        "period": {"start": period[0], "end": period[1]},
        "pretax_credit_amounts": [],
        "pricing": {
            "type": "price_details",
            "price_details": {"price": price["id"], "product": price["product"]},
            "unit_amount_decimal": charge.unit or str(price["unit_amount"] or 0),
        },
        "quantity": quantity,
        "quantity_decimal": str(quantity),
        "subscription": subscription_id,
        "subtotal": amount,
        "taxes": [],
    }


def line_of_item(stripe: StripeEmulator, item: Object) -> Object:
    """The line that an invoice item becomes."""
    subscription_id = (
        item["parent"]["subscription_details"]["subscription"] if item["parent"] else None
    )
    return {
        "id": stripe.records.new_id("il"),
        "object": "line_item",
        "amount": item["amount"],
        "currency": item["currency"],
        "description": item["description"],
        "discount_amounts": [],
        "discountable": item["discountable"],
        "discounts": list(item["discounts"]),
        "invoice": item["invoice"],
        "livemode": False,
        "metadata": dict(item["metadata"]),
        "parent": _parent_of_item(item, subscription_id),
        "period": dict(item["period"]),
        "pretax_credit_amounts": [],
        "pricing": item["pricing"],
        "quantity": item["quantity"],
        "quantity_decimal": item["quantity_decimal"],
        "subscription": subscription_id,
        "subtotal": item["amount"],
        "taxes": [],
    }


def _parent_of_item(item: Object, subscription_id: str | None) -> Object:
    if item["proration"]:
        return {
            "type": "subscription_item_details",
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": item["id"],
                "proration": True,
                "proration_details": {"credited_items": None},
                "subscription": subscription_id,
                "subscription_item": item["parent"]["subscription_details"]["subscription_item"],
            },
        }
    return {
        "type": "invoice_item_details",
        "invoice_item_details": {
            "invoice_item": item["id"],
            "proration": False,
            "proration_details": None,
            "subscription": subscription_id,
        },
        "subscription_item_details": None,
    }


def named_trial(stripe: StripeEmulator, price: Object) -> str:
    """How Stripe words the line of a trial."""
    return f"Trial period for {stripe.records.get('product', price['product'])['name']}"
