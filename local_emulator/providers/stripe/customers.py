"""Customers and how they pay."""

from __future__ import annotations

from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure, declined, missing
from local_emulator.providers.stripe.records import Object, listed
from local_emulator.providers.stripe.tax_ids import create_tax_id

CARDS = {
    "pm_card_visa": ("visa", "4242", ""),
    "pm_card_mastercard": ("mastercard", "4444", ""),
    "pm_card_chargeCustomerFail": ("visa", "0341", "later"),
    "pm_card_chargeDeclined": ("visa", "0002", "now"),
}
"""Stripe's cards for tests: brand, last digits, and whether a payment is refused."""
REFUSED = "emulator_refused"


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


def attach_method(stripe: StripeEmulator, params: Object, method_id: str) -> Object:
    """``POST /v1/payment_methods/{id}/attach``; the cards for tests are made by it."""
    customer = stripe.records.get("customer", params.get("customer"), "customer")
    method = stripe.records.find("payment_method", method_id) or new_card(stripe, method_id)
    if method[REFUSED] == "now":
        raise declined("Your card was declined.")
    method["customer"] = customer["id"]
    stripe.happened("payment_method.attached", method)
    return method


def detach_method(stripe: StripeEmulator, params: Object, method_id: str) -> Object:
    """``POST /v1/payment_methods/{id}/detach``."""
    method = stripe.records.get("payment_method", method_id)
    customer = stripe.records.find("customer", method["customer"])
    if customer is not None:
        settings = customer["invoice_settings"]
        if settings["default_payment_method"] == method_id:
            settings["default_payment_method"] = None
    method["customer"] = None
    stripe.happened("payment_method.detached", method)
    return method


def list_methods(stripe: StripeEmulator, params: Object) -> Object:
    """``GET /v1/payment_methods``, of a customer."""

    def wanted(method: Object) -> bool:
        return bool(method["customer"] == params.get("customer"))

    return listed(stripe.records.all("payment_method"), params, "/v1/payment_methods", wanted)


def new_card(stripe: StripeEmulator, name: str) -> Object:
    """Make a card of Stripe's for tests; raises StripeFailure for a name that there is not."""
    if name not in CARDS:
        raise missing("PaymentMethod", name, "payment_method")
    brand, last4, refused = CARDS[name]
    return stripe.records.add(
        {
            "id": stripe.records.new_id("pm"),
            "object": "payment_method",
            "billing_details": {"address": None, "email": None, "name": None, "phone": None},
            "card": {
                "brand": brand,
                "country": "US",
                "display_brand": brand,
                "exp_month": 8,
                "exp_year": 2034,
                "funding": "credit",
                "last4": last4,
            },
            "created": stripe.now(),
            "customer": None,
            "livemode": False,
            "metadata": {},
            "type": "card",
            REFUSED: refused,
        }
    )


def own_method(stripe: StripeEmulator, customer_id: str, method_id: str | None) -> Object | None:
    """A payment method of this customer; raises StripeFailure for another's."""
    if method_id is None:
        return None
    method = stripe.records.get("payment_method", method_id, "payment_method")
    if method["customer"] != customer_id:
        raise missing("PaymentMethod", method_id, "payment_method")
    return method


def create_setup_intent(stripe: StripeEmulator, params: Object) -> Object:
    """``POST /v1/setup_intents``; with a payment method and ``confirm`` it succeeds at once."""
    customer = stripe.records.get("customer", params.get("customer"), "customer")
    intent_id = stripe.records.new_id("seti")
    intent = stripe.records.add(
        {
            "id": intent_id,
            "object": "setup_intent",
            "client_secret": f"{intent_id}_secret_{stripe.records.new_id('x')[2:]}",
            "created": stripe.now(customer["id"]),
            "customer": customer["id"],
            "livemode": False,
            "metadata": params.get("metadata") or {},
            "payment_method": None,
            "payment_method_types": ["card"],
            "status": "requires_payment_method",
            "usage": params.get("usage", "off_session"),
        }
    )
    if params.get("payment_method"):
        return confirm_setup_intent(stripe, params, intent_id)
    return intent


def confirm_setup_intent(stripe: StripeEmulator, params: Object, intent_id: str) -> Object:
    """``POST /v1/setup_intents/{id}/confirm``."""
    intent = stripe.records.get("setup_intent", intent_id)
    method = attach_method(stripe, {"customer": intent["customer"]}, params["payment_method"])
    intent["payment_method"], intent["status"] = method["id"], "succeeded"
    stripe.happened("setup_intent.succeeded", intent)
    return intent


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
