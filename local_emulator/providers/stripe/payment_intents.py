"""Payment intents: from a payment method over the bank's consent to a charge.

The states and what leads from one to the other: https://docs.stripe.com/payments/paymentintents/lifecycle.
"""

from __future__ import annotations

from local_emulator.providers.stripe.charges import charge
from local_emulator.providers.stripe.disputes import disputes_charge
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure, declined
from local_emulator.providers.stripe.forms import number
from local_emulator.providers.stripe.payment_methods import (
    AGREED,
    MESSAGES,
    SET_UP,
    kind_of,
    names_of,
    needs_consent,
    refusal_of,
)
from local_emulator.providers.stripe.records import Object, listed, outward

PROCESSING_S = 4 * 86_400
"""How long a bank debit takes until it is known how it ended."""
SETTLES_AT = "emulator_settles_at"
OPEN = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})
CONSENT_FAILED = "payment_intent_authentication_failure"


def new_intent(stripe: StripeEmulator, params: Object) -> Object:
    """A payment intent of these parameters, which nothing was tried for yet."""
    intent_id = stripe.records.new_id("pi")
    made = stripe.records.add(
        {
            "id": intent_id,
            "object": "payment_intent",
            "amount": number(params["amount"]),
            "amount_capturable": 0,
            "amount_received": 0,
            "canceled_at": None,
            "cancellation_reason": None,
            "capture_method": "automatic",
            "client_secret": f"{intent_id}_secret_{stripe.records.new_id('x')[2:]}",
            "confirmation_method": "automatic",
            "created": stripe.now(params.get("customer")),
            "currency": params["currency"],
            "customer": params.get("customer"),
            "description": params.get("description"),
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": False,
            "metadata": params.get("metadata") or {},
            "next_action": None,
            "payment_method": params.get("payment_method"),
            "payment_method_types": ["card"],
            "processing": None,
            "receipt_email": None,
            "setup_future_usage": params.get("setup_future_usage"),
            "status": "requires_payment_method",
            "emulator_refunded": 0,
        }
    )
    if made["payment_method"]:
        made["status"] = "requires_confirmation"
    stripe.happened("payment_intent.created", made)
    return made


def cancel_intent(stripe: StripeEmulator, params: Object, intent_id: str) -> Object:
    """``POST /v1/payment_intents/{id}/cancel``."""
    intent = stripe.records.get("payment_intent", intent_id)
    if intent["status"] not in OPEN:
        raise unexpected(intent, "cancel")
    cancel(stripe, intent, params.get("cancellation_reason"))
    return intent


def cancel(stripe: StripeEmulator, intent: Object, reason: str | None) -> None:
    """Give an intent up that nothing was paid for."""
    intent["status"], intent["next_action"] = "canceled", None
    intent["canceled_at"] = stripe.now(intent["customer"])
    intent["cancellation_reason"] = reason
    stripe.happened("payment_intent.canceled", intent)


def list_intents(stripe: StripeEmulator, params: Object) -> Object:
    """``GET /v1/payment_intents``, of a customer."""

    def wanted(intent: Object) -> bool:
        return params.get("customer") in {None, intent["customer"]}

    found = stripe.records.of(params.get("customer"), "payment_intent")
    return listed(found, params, "/v1/payment_intents", wanted)


def confirm(stripe: StripeEmulator, intent: Object, method: Object, *, off_session: bool) -> None:
    """Try to collect with a method; what came out stands in the intent's ``status``."""
    intent["payment_method"] = method["id"]
    intent["payment_method_types"] = [method["type"]]
    intent["next_action"], intent["last_payment_error"] = None, None
    if needs_consent(method, off_session=off_session):
        intent["status"] = "requires_action"
        intent["next_action"] = {
            "type": "redirect_to_url",
            "redirect_to_url": {
                "return_url": None,
                "url": f"{stripe.url}/authenticate/{intent['id']}",
            },
        }
        stripe.happened("payment_intent.requires_action", intent)
        return
    _collect(stripe, intent, method)


def authenticate(stripe: StripeEmulator, intent: Object, *, agrees: bool) -> None:
    """What the customer said on the bank's page; raises StripeFailure if nobody asked."""
    if intent["status"] != "requires_action":
        raise unexpected(intent, "authenticate")
    intent["next_action"] = None
    method = stripe.records.get("payment_method", intent["payment_method"])
    if not agrees:
        message = (
            "We are unable to authenticate your payment method. Please choose a different payment"
            " method and try again."
        )
        _fail(stripe, intent, {"code": CONSENT_FAILED, "message": message})
    else:
        if intent["setup_future_usage"] == "off_session":
            method[SET_UP] = True
        _collect(stripe, intent, method)


def settle(stripe: StripeEmulator, intent: Object) -> None:
    """A bank debit comes out."""
    intent.pop(SETTLES_AT, None)
    method = stripe.records.get("payment_method", intent["payment_method"])
    found = stripe.records.get("charge", intent["latest_charge"])
    refused = kind_of(method).refused
    if refused:
        found["status"] = "failed"
        found["failure_code"], found["failure_message"] = MESSAGES[refused]
        found["failure_code"] = refused
        _refuse(stripe, intent, found, refused)
    else:
        found["status"], found["paid"], found["captured"] = "succeeded", True, True
        found["amount_captured"] = found["amount"]
        _succeed(stripe, intent, found)


def failure_of(intent: Object) -> StripeFailure:
    """The error that tells why an intent failed."""
    error = intent["last_payment_error"] or {}
    message = str(error.get("message") or "The payment failed.")
    return declined(message, error.get("code") or "card_declined", error.get("decline_code"))


def _collect(stripe: StripeEmulator, intent: Object, method: Object) -> None:
    method[AGREED] = False
    if method["type"] != "card":
        charge(stripe, intent, method, "pending")
        intent["status"] = "processing"
        intent["processing"] = {"type": method["type"]}
        intent[SETTLES_AT] = stripe.now(intent["customer"]) + PROCESSING_S
        stripe.happened("payment_intent.processing", intent)
        return
    refused = refusal_of(stripe, method)
    if refused:
        _refuse(stripe, intent, charge(stripe, intent, method, "failed", refused), refused)
        return
    made = charge(stripe, intent, method, "succeeded")
    _succeed(stripe, intent, made)
    disputes_charge(stripe, made, method)


def _succeed(stripe: StripeEmulator, intent: Object, made: Object) -> None:
    intent["status"], intent["processing"] = "succeeded", None
    intent["amount_received"] = intent["amount"]
    stripe.happened("charge.succeeded", made)
    stripe.happened("payment_intent.succeeded", intent)


def _refuse(stripe: StripeEmulator, intent: Object, made: Object, refused: str) -> None:
    code, message = MESSAGES[refused]
    error = {"charge": made["id"], "code": code, "decline_code": refused, "message": message}
    stripe.happened("charge.failed", made)
    _fail(stripe, intent, error)


def _fail(stripe: StripeEmulator, intent: Object, error: Object) -> None:
    method = stripe.records.get("payment_method", intent["payment_method"])
    intent["status"], intent["processing"] = "requires_payment_method", None
    intent["last_payment_error"] = {
        "type": "card_error",
        "payment_method": outward(method),
        "emulator_method": names_of(method),
        **error,
    }
    intent["payment_method"] = None
    stripe.happened("payment_intent.payment_failed", intent)


def unexpected(intent: Object, what: str) -> StripeFailure:
    """An intent that is in another state than something needs."""
    return StripeFailure(
        f"You cannot {what} this PaymentIntent because it has a status of {intent['status']}.",
        code="payment_intent_unexpected_state",
    )
