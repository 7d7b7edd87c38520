"""What is paid back."""

from __future__ import annotations

from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure
from local_emulator.providers.stripe.forms import number
from local_emulator.providers.stripe.records import Object


def create_refund(stripe: StripeEmulator, params: Object) -> Object:
    """``POST /v1/refunds``, of a payment intent."""
    intent = stripe.records.get("payment_intent", params.get("payment_intent"), "payment_intent")
    left = intent["amount_received"] - intent["emulator_refunded"]
    amount = number(params.get("amount"), left)
    if not 0 < amount <= left:
        raise StripeFailure(f"Refund amount is greater than {left}.", param="amount")
    intent["emulator_refunded"] += amount
    made = stripe.records.add(
        {
            "id": stripe.records.new_id("re"),
            "object": "refund",
            "amount": amount,
            "charge": None,
            "created": stripe.now(intent["customer"]),
            "currency": intent["currency"],
            "metadata": params.get("metadata") or {},
            "payment_intent": intent["id"],
            "reason": params.get("reason"),
            "status": "succeeded",
        }
    )
    stripe.happened("refund.created", made)
    return made
