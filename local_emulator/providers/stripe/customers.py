"""Customers and how they pay."""

from __future__ import annotations

from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure
from local_emulator.providers.stripe.payment_methods import own_method
from local_emulator.providers.stripe.records import Object
from local_emulator.providers.stripe.tax_ids import create_tax_id


def create_customer(stripe: StripeEmulator, params: Object) -> Object:
    """``POST /v1/customers``."""
    made = stripe.records.add(
        {
            "id": stripe.records.new_id("cus"),
            "object": "customer",
            "address": params.get("address"),
            "balance": 0,
            "created": stripe.now(),
            "currency": None,
            "default_source": None,
            "delinquent": False,
            "discount": None,
            "description": params.get("description"),
            "email": params.get("email"),
            "invoice_prefix": stripe.records.new_id("x")[2:9].upper(),
            "invoice_settings": _invoice_settings(params),
            "livemode": False,
            "metadata": params.get("metadata") or {},
            "name": params.get("name"),
            "next_invoice_sequence": 1,
            "phone": params.get("phone"),
            "preferred_locales": params.get("preferred_locales") or [],
            "shipping": None,
            "tax_exempt": _tax_exempt(params),
            "test_clock": params.get("test_clock"),
        }
    )
    if made["test_clock"] is not None:
        stripe.records.get("test_helpers.test_clock", made["test_clock"], "test_clock")
    stripe.happened("customer.created", made)
    for given in params.get("tax_id_data") or ():
        create_tax_id(stripe, given, made["id"])
    return made


def update_customer(stripe: StripeEmulator, params: Object, customer_id: str) -> Object:
    """``POST /v1/customers/{id}``."""
    customer = stripe.records.get("customer", customer_id)
    for name in ("name", "email", "address", "phone", "description"):
        if name in params:
            customer[name] = params[name]
    if "tax_exempt" in params:
        customer["tax_exempt"] = _tax_exempt(params)
    if "preferred_locales" in params:
        customer["preferred_locales"] = params["preferred_locales"] or []
    customer["metadata"] |= params.get("metadata") or {}
    settings = params.get("invoice_settings") or {}
    if "default_payment_method" in settings:
        own_method(stripe, customer_id, settings["default_payment_method"])
        customer["invoice_settings"]["default_payment_method"] = settings["default_payment_method"]
    stripe.happened("customer.updated", customer)
    return customer


def _tax_exempt(params: Object) -> str:
    """``none``, ``exempt`` or ``reverse``."""
    wanted = params.get("tax_exempt") or "none"
    if wanted not in {"none", "exempt", "reverse"}:
        message = "Invalid tax_exempt: must be one of none, exempt, or reverse"
        raise StripeFailure(message, param="tax_exempt")
    return str(wanted)


def _invoice_settings(params: Object) -> Object:
    given = params.get("invoice_settings") or {}
    return {
        "custom_fields": None,
        "default_payment_method": given.get("default_payment_method"),
        "footer": given.get("footer"),
        "rendering_options": None,
    }
