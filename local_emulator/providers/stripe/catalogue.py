"""Products, prices and meters."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure, required
from local_emulator.providers.stripe.forms import number, truth
from local_emulator.providers.stripe.money import plain_text
from local_emulator.providers.stripe.records import Object, listed


def create_product(stripe: StripeEmulator, params: Object) -> Object:
    """``POST /v1/products``."""
    if not params.get("name"):
        raise required("name")
    made = stripe.records.add(
        {
            "id": params.get("id") or stripe.records.new_id("prod"),
            "object": "product",
            "active": truth(params.get("active"), True),
            "created": stripe.now(),
            "default_price": None,
            "description": params.get("description"),
            "images": [],
            "livemode": False,
            "marketing_features": params.get("marketing_features") or [],
            "metadata": params.get("metadata") or {},
            "name": params["name"],
            "statement_descriptor": None,
            "tax_code": None,
            "unit_label": params.get("unit_label"),
            "updated": stripe.now(),
            "url": None,
            "type": "service",
        }
    )
    stripe.happened("product.created", made)
    return made


def update_product(stripe: StripeEmulator, params: Object, product_id: str) -> Object:
    """``POST /v1/products/{id}``."""
    product = stripe.records.get("product", product_id)
    for name in ("name", "description", "default_price", "unit_label"):
        if name in params:
            product[name] = params[name]
    if "active" in params:
        product["active"] = truth(params["active"])
    product["metadata"] |= params.get("metadata") or {}
    product["updated"] = stripe.now()
    stripe.happened("product.updated", product)
    return product


def create_price(stripe: StripeEmulator, params: Object) -> Object:
    """``POST /v1/prices``: per unit or graduated, licensed or metered."""
    product = stripe.records.get("product", params.get("product"), "product")
    if not params.get("currency"):
        raise required("currency")
    _check_lookup_key(stripe, params)
    recurring = params.get("recurring")
    made = stripe.records.add(
        {
            "id": stripe.records.new_id("price"),
            "object": "price",
            "active": True,
            "billing_scheme": params.get("billing_scheme", "per_unit"),
            "created": stripe.now(),
            "currency": params["currency"].lower(),
            "custom_unit_amount": None,
            "livemode": False,
            "lookup_key": params.get("lookup_key"),
            "metadata": params.get("metadata") or {},
            "nickname": params.get("nickname"),
            "product": product["id"],
            "recurring": None if recurring is None else _recurring(recurring),
            "tax_behavior": params.get("tax_behavior", "unspecified"),
            "tiers_mode": params.get("tiers_mode"),
            "emulator_tiers": _tiers(params),
            "transform_quantity": None,
            "type": "one_time" if recurring is None else "recurring",
            **_amounts(params),
        }
    )
    stripe.happened("price.created", made)
    return made


def update_price(stripe: StripeEmulator, params: Object, price_id: str) -> Object:
    """``POST /v1/prices/{id}``: what a price costs never changes."""
    price = stripe.records.get("price", price_id)
    _check_lookup_key(stripe, params)
    if "active" in params:
        price["active"] = truth(params["active"])
    if "tax_behavior" in params:
        if price["tax_behavior"] not in {"unspecified", params["tax_behavior"]}:
            message = "You cannot change the tax_behavior of a price once it has been specified."
            raise StripeFailure(message, param="tax_behavior")
        price["tax_behavior"] = params["tax_behavior"]
    for name in ("nickname", "lookup_key"):
        if name in params:
            price[name] = params[name]
    price["metadata"] |= params.get("metadata") or {}
    stripe.happened("price.updated", price)
    return price


def list_prices(stripe: StripeEmulator, params: Object) -> Object:
    """``GET /v1/prices``, by product, activity and lookup keys."""
    keys = params.get("lookup_keys")

    def wanted(price: Object) -> bool:
        return (
            (params.get("product") in {None, price["product"]})
            and ("active" not in params or price["active"] is truth(params["active"]))
            and (keys is None or price["lookup_key"] in keys)
        )

    return listed(stripe.records.all("price"), params, "/v1/prices", wanted)


def list_products(stripe: StripeEmulator, params: Object) -> Object:
    """``GET /v1/products``."""

    def wanted(product: Object) -> bool:
        return "active" not in params or product["active"] is truth(params["active"])

    return listed(stripe.records.all("product"), params, "/v1/products", wanted)


def create_meter(stripe: StripeEmulator, params: Object) -> Object:
    """``POST /v1/billing/meters``."""
    for name in ("display_name", "event_name"):
        if not params.get(name):
            raise required(name)
    taken = {one["event_name"] for one in stripe.records.all("billing.meter")}
    if params["event_name"] in taken:
        raise StripeFailure("There is an active meter with this event name.", param="event_name")
    return stripe.records.add(
        {
            "id": stripe.records.new_id("mtr"),
            "object": "billing.meter",
            "created": stripe.now(),
            "customer_mapping": {"event_payload_key": "stripe_customer_id", "type": "by_id"},
            "default_aggregation": params.get("default_aggregation") or {"formula": "sum"},
            "display_name": params["display_name"],
            "event_name": params["event_name"],
            "event_time_window": None,
            "livemode": False,
            "status": "active",
            "status_transitions": {"deactivated_at": None},
            "updated": stripe.now(),
            "value_settings": {"event_payload_key": "value"},
        }
    )


def list_meters(stripe: StripeEmulator, params: Object) -> Object:
    """``GET /v1/billing/meters``."""
    return listed(stripe.records.all("billing.meter"), params, "/v1/billing/meters")


def _tiers(params: Object) -> list[Object]:
    """The tiers of a graduated price, the last without an end."""
    if params.get("billing_scheme") != "tiered":
        return []
    tiers = params.get("tiers") or []
    if params.get("tiers_mode") != "graduated" or not tiers or tiers[-1]["up_to"] != "inf":
        raise StripeFailure("This emulator has graduated tiers, the last up to inf.", param="tiers")
    return [
        {
            "up_to": None if one["up_to"] == "inf" else number(one["up_to"]),
            "unit_amount_decimal": str(one.get("unit_amount_decimal") or one["unit_amount"]),
        }
        for one in tiers
    ]


def _amounts(params: Object) -> Object:
    """What one costs: whole minor units, where it is that, and the exact decimal."""
    whole, exact = params.get("unit_amount"), params.get("unit_amount_decimal")
    if params.get("billing_scheme") == "tiered":
        return {"unit_amount": None, "unit_amount_decimal": None}
    if (whole is None) is (exact is None):
        message = "You must specify exactly one of unit_amount and unit_amount_decimal."
        raise StripeFailure(message, code="parameter_missing", param="unit_amount")
    try:
        amount = Decimal(str(exact if whole is None else whole))
    except InvalidOperation:
        raise StripeFailure("Invalid decimal.", param="unit_amount_decimal") from None
    is_whole = amount == amount.to_integral_value()
    return {
        "unit_amount": int(amount) if is_whole else None,
        "unit_amount_decimal": plain_text(amount),
    }


def _check_lookup_key(stripe: StripeEmulator, params: Object) -> None:
    key = params.get("lookup_key")
    if key is None:
        return
    for other in stripe.records.all("price"):
        if other["lookup_key"] == key:
            if not truth(params.get("transfer_lookup_key")):
                raise StripeFailure("A price already uses that lookup key.", param="lookup_key")
            other["lookup_key"] = None


def _recurring(given: Object) -> Object:
    return {
        "interval": given["interval"],
        "interval_count": number(given.get("interval_count"), 1),
        "meter": given.get("meter"),
        "trial_period_days": None,
        "usage_type": given.get("usage_type", "licensed"),
    }
