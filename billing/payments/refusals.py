"""Why a payment was refused, in words, with what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from billing.failures import PaymentRefused

REMEDIES = {
    "insufficient_funds": "Choose another card, or try again once there is enough money.",
    "expired_card": "Add a card that is valid, and choose it.",
    "incorrect_cvc": "Add the card once more, with its right security code.",
    "processing_error": "Try again in a minute.",
    "payment_intent_authentication_failure": "Try again and agree on your bank's page, or choose"
    " another card.",
    "authentication_required": "Try again and agree on your bank's page, or choose another card.",
    "lost_card": "Choose another card.",
    "stolen_card": "Choose another card.",
}
"""By Stripe's decline codes (https://docs.stripe.com/declines/codes)."""
ASK_THE_BANK = "Choose another card, or ask your bank."
NO_METHOD = "There is no payment method yet: add one, and try again."


def refused(message: str, reason: str | None) -> PaymentRefused:
    """A payment that was refused; ``reason`` is Stripe's decline code, else its code."""
    remedy = REMEDIES.get(reason or "", ASK_THE_BANK)
    return PaymentRefused(f"{message} {remedy}", reason=reason)


def refused_by(intent: Mapping[str, Any] | None) -> PaymentRefused:
    """Why a payment intent was not collected; None where there was nothing to charge."""
    if intent is None:
        return PaymentRefused(NO_METHOD)
    error = intent["last_payment_error"] or {}
    reason = error.get("decline_code") or error.get("code")
    return refused(str(error.get("message") or "The payment was refused."), reason)
