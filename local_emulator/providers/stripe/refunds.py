"""What is paid back of a payment, never more than was paid.

https://docs.stripe.com/api/refunds
"""

from __future__ import annotations

from local_emulator.providers.stripe import charges
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure, required
from local_emulator.providers.stripe.forms import number
from local_emulator.providers.stripe.records import Object, listed, within

REASONS = frozenset({None, "duplicate", "fraudulent", "requested_by_customer"})
REFUNDED = "emulator_refunded"


def create_refund(stripe: StripeEmulator, params: Object) -> Object:
    """``POST /v1/refunds``, of a payment intent."""
    if not params.get("payment_intent"):
        raise required("payment_intent")
    intent = stripe.records.get("payment_intent", params["payment_intent"], "payment_intent")
    if params.get("reason") not in REASONS:
        raise StripeFailure("Invalid reason.", param="reason")
    left = intent["amount_received"] - intent.get(REFUNDED, 0)
    if not left:
        message = f"Charge of {intent['id']} has already been refunded."
        raise StripeFailure(message, code="charge_already_refunded")
    amount = number(params.get("amount"), left)
    if not 0 < amount <= left:
        message = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        raise StripeFailure(message, param="amount")
    intent[REFUNDED] = intent.get(REFUNDED, 0) + amount
    made = stripe.records.add(
        {
            "id": stripe.records.new_id("re"),
            "object": "refund",
            "amount": amount,
            "balance_transaction": None,
            "charge": intent.get("latest_charge"),
            "created": stripe.now(intent["customer"]),
            "currency": intent["currency"],
            "customer": intent["customer"],
            "customer_account": None,
            "destination_details": {"card": {"type": "refund"}, "type": "card"},
            "metadata": params.get("metadata") or {},
            "payment_intent": intent["id"],
            "payment_method": intent["payment_method"],
            "reason": params.get("reason"),
            "receipt_number": None,
            "source_transfer_reversal": None,
            "status": "succeeded",
            "transfer_reversal": None,
        }
    )
    charges.refunded(stripe, made)
    stripe.happened("refund.created", made)
    return made


def update_refund(stripe: StripeEmulator, params: Object, refund_id: str) -> Object:
    """``POST /v1/refunds/{id}``: metadata only."""
    refund = stripe.records.get("refund", refund_id)
    refund["metadata"] |= params.get("metadata") or {}
    stripe.happened("refund.updated", refund)
    return refund


def list_refunds(stripe: StripeEmulator, params: Object) -> Object:
    """``GET /v1/refunds``, by payment and dates."""

    def wanted(one: Object) -> bool:
        return (
            params.get("payment_intent") in {None, one["payment_intent"]}
            and params.get("charge") in {None, one["charge"]}
            and within(one["created"], params.get("created"))
        )

    return listed(stripe.records.all("refund"), params, "/v1/refunds", wanted)


def intents_of(stripe: StripeEmulator, invoice: Object) -> list[Object]:
    """The payments of an invoice that came through."""
    found = [
        stripe.records.find("payment_intent", one["payment"]["payment_intent"])
        for one in stripe.records.of(invoice["id"], "invoice_payment")
        if one["status"] == "paid"
    ]
    return [one for one in found if one is not None]


def refunded_of(stripe: StripeEmulator, invoice: Object) -> int:
    """What was paid back of an invoice's payments."""
    return sum(one.get(REFUNDED, 0) for one in intents_of(stripe, invoice))
