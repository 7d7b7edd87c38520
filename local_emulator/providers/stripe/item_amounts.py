"""What an invoice item costs: an amount, or so many of a price or of a decimal.

https://docs.stripe.com/api/invoiceitems/create
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure, required
from local_emulator.providers.stripe.forms import number
from local_emulator.providers.stripe.money import plain_text
from local_emulator.providers.stripe.records import Object


def set_amount(stripe: StripeEmulator, customer: Object, item: Object, params: Object) -> None:
    """Set price, quantity, amount and currency, as given or as they were."""
    if params.get("price_data"):
        message = "This emulator takes no price_data; make a price and name it in pricing[price]."
        raise StripeFailure(message, param="price_data")
    given = {"amount", "unit_amount_decimal", "pricing"} & set(params)
    if len(given) > 1:
        raise StripeFailure("You may only specify one of these parameters: amount, price.")
    if "amount" in params and "quantity" in params:
        raise StripeFailure("You may only specify one of these parameters: amount, quantity.")
    if not given and item["pricing"] is None:
        raise required("amount")
    quantity = number(params.get("quantity"), item["quantity"])
    if quantity < 0:
        raise StripeFailure("Invalid integer: quantity must not be negative.", param="quantity")
    price: Object | None = None
    if params.get("pricing"):
        price = _price(stripe, params["pricing"].get("price"))
    elif not given:
        details = item["pricing"]["price_details"]
        price = stripe.records.find("price", details["price"]) if details else None
    unit = _unit(price, item, params)
    if "amount" in params:
        quantity, unit = 1, Decimal(number(params["amount"]))
    amount = int((unit * quantity).quantize(Decimal(1), ROUND_HALF_UP))
    currency = price["currency"] if price else params.get("currency") or item["currency"]
    item["currency"] = (currency or customer["currency"] or "usd").lower()
    item["amount"] = item["net_amount"] = amount
    item["quantity"], item["quantity_decimal"] = quantity, str(quantity)
    item["pricing"] = {
        "type": "price_details",
        "price_details": {"price": price["id"], "product": price["product"]} if price else None,
        "unit_amount_decimal": plain_text(unit),
    }
    if item["description"] is None and price is not None:
        item["description"] = stripe.records.get("product", price["product"])["name"]


def _unit(price: Object | None, item: Object, params: Object) -> Decimal:
    if price is not None:
        return Decimal(str(price["unit_amount_decimal"]))
    if "unit_amount_decimal" in params:
        return Decimal(str(params["unit_amount_decimal"]))
    return Decimal((item["pricing"] or {}).get("unit_amount_decimal") or 0)


def _price(stripe: StripeEmulator, price_id: str | None) -> Object:
    name = "pricing[price]"
    price = stripe.records.get("price", price_id, name)
    if price["type"] != "one_time":
        message = (
            "The price specified is set to `type=recurring` but this field only accepts prices"
            " with `type=one_time`."
        )
        raise StripeFailure(message, param=name)
    if not price["active"]:
        message = "The price specified is inactive. This field only accepts active prices."
        raise StripeFailure(message, param=name)
    return price
