"""Setup intents: a payment method is kept for later, with the bank's consent where it asks."""

from __future__ import annotations

from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure
from local_emulator.providers.stripe.payment_methods import (
    SET_UP,
    attach_method,
    kind_of,
    new_method,
    refuse_bad,
)
from local_emulator.providers.stripe.records import Object, listed

FAILED = "setup_intent_authentication_failure"


def create_setup_intent(stripe: StripeEmulator, params: Object) -> Object:
    """``POST /v1/setup_intents``; with a payment method it is confirmed at once."""
    customer = stripe.records.get("customer", params.get("customer"), "customer")
    intent_id = stripe.records.new_id("seti")
    intent = stripe.records.add(
        {
            "id": intent_id,
            "object": "setup_intent",
            "cancellation_reason": None,
            "client_secret": f"{intent_id}_secret_{stripe.records.new_id('x')[2:]}",
            "created": stripe.now(customer["id"]),
            "customer": customer["id"],
            "description": None,
            "last_setup_error": None,
            "livemode": False,
            "metadata": params.get("metadata") or {},
            "next_action": None,
            "payment_method": None,
            "payment_method_types": ["card"],
            "status": "requires_payment_method",
            "usage": params.get("usage", "off_session"),
        }
    )
    stripe.happened("setup_intent.created", intent)
    if params.get("payment_method"):
        return confirm_setup_intent(stripe, params, intent_id)
    return intent


def confirm_setup_intent(stripe: StripeEmulator, params: Object, intent_id: str) -> Object:
    """``POST /v1/setup_intents/{id}/confirm``; raises StripeFailure for a refused card."""
    intent = stripe.records.get("setup_intent", intent_id)
    if intent["status"] in {"succeeded", "canceled"}:
        raise StripeFailure(
            f"You cannot confirm this SetupIntent because it has a status of {intent['status']}.",
            code="setup_intent_unexpected_state",
        )
    name = params.get("payment_method") or intent["payment_method"]
    method = stripe.records.find("payment_method", name) or new_method(stripe, str(name))
    try:
        refuse_bad(method)
    except StripeFailure as failure:
        intent["last_setup_error"] = failure.body["error"]
        stripe.happened("setup_intent.setup_failed", intent)
        raise
    intent["payment_method"], intent["last_setup_error"] = method["id"], None
    if kind_of(method).consent in {"always", "unless_set_up"}:
        intent["status"] = "requires_action"
        intent["next_action"] = {
            "type": "redirect_to_url",
            "redirect_to_url": {
                "return_url": None,
                "url": f"{stripe.url}/authenticate/{intent_id}",
            },
        }
        stripe.happened("setup_intent.requires_action", intent)
        return intent
    _succeed(stripe, intent, method)
    return intent


def authenticate_setup(stripe: StripeEmulator, intent: Object, *, agrees: bool) -> None:
    """What the customer said on the bank's page; raises StripeFailure if nobody asked."""
    if intent["status"] != "requires_action":
        raise StripeFailure("Nobody asked for this.", code="setup_intent_unexpected_state")
    intent["next_action"] = None
    method = stripe.records.get("payment_method", intent["payment_method"])
    if agrees:
        _succeed(stripe, intent, method)
        return
    message = (
        "We are unable to authenticate your payment method. Please choose a different payment"
        " method and try again."
    )
    intent["status"], intent["payment_method"] = "requires_payment_method", None
    intent["last_setup_error"] = {"type": "card_error", "code": FAILED, "message": message}
    stripe.happened("setup_intent.setup_failed", intent)


def list_setup_intents(stripe: StripeEmulator, params: Object) -> Object:
    """``GET /v1/setup_intents``, of a customer."""

    def wanted(intent: Object) -> bool:
        return params.get("customer") in {None, intent["customer"]}

    return listed(stripe.records.all("setup_intent"), params, "/v1/setup_intents", wanted)


def _succeed(stripe: StripeEmulator, intent: Object, method: Object) -> None:
    if method["customer"] is None:
        attach_method(stripe, {"customer": intent["customer"]}, method["id"])
    method[SET_UP] = True
    intent["status"] = "succeeded"
    stripe.happened("setup_intent.succeeded", intent)
