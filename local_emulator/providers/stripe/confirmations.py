"""Payment intents that are confirmed, agreed to or come out: and what that makes of invoices."""

from __future__ import annotations

from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import required
from local_emulator.providers.stripe.forms import truth
from local_emulator.providers.stripe.payment_intents import (
    OPEN,
    SETTLES_AT,
    authenticate,
    confirm,
    failure_of,
    new_intent,
    settle,
    unexpected,
)
from local_emulator.providers.stripe.payment_methods import own_method
from local_emulator.providers.stripe.payments import intent_ended
from local_emulator.providers.stripe.records import Object


def create_intent(stripe: StripeEmulator, params: Object) -> Object:
    """``POST /v1/payment_intents``; with ``confirm`` it is tried at once."""
    for name in ("amount", "currency"):
        if not params.get(name):
            raise required(name)
    if params.get("customer"):
        stripe.records.get("customer", params["customer"], "customer")
    intent = new_intent(stripe, params)
    if truth(params.get("confirm")):
        return confirm_intent(stripe, params, intent["id"])
    return intent


def confirm_intent(stripe: StripeEmulator, params: Object, intent_id: str) -> Object:
    """``POST /v1/payment_intents/{id}/confirm``; raises StripeFailure for a refused card."""
    intent = stripe.records.get("payment_intent", intent_id)
    if intent["status"] not in OPEN:
        raise unexpected(intent, "confirm")
    method_id = params.get("payment_method") or intent["payment_method"]
    method = own_method(stripe, intent["customer"], method_id)
    if method is None:
        raise required("payment_method")
    confirm(stripe, intent, method, off_session=truth(params.get("off_session")))
    intent_ended(stripe, intent)
    if intent["status"] == "requires_payment_method":
        raise failure_of(intent)
    return intent


def agree(stripe: StripeEmulator, intent: Object, *, agrees: bool) -> None:
    """Take what the customer said on the bank's page."""
    authenticate(stripe, intent, agrees=agrees)
    intent_ended(stripe, intent)


def due(_stripe: StripeEmulator, intent: Object) -> int | None:
    """When a bank debit comes out."""
    return intent.get(SETTLES_AT)


def act(stripe: StripeEmulator, intent: Object, _moment: int) -> None:
    """A bank debit comes out."""
    settle(stripe, intent)
    intent_ended(stripe, intent)
