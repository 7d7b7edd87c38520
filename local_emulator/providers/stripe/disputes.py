"""Disputes: a customer asks the bank to take a payment back."""

from __future__ import annotations

from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure
from local_emulator.providers.stripe.payment_methods import KIND
from local_emulator.providers.stripe.records import Object, listed

RESPOND_WITHIN_S = 7 * 86_400
WINS, LOSES = "winning_evidence", "losing_evidence"
"""Stripe's texts for tests, as ``uncategorized_text`` (https://docs.stripe.com/testing#evidence)."""


def disputes_charge(stripe: StripeEmulator, charge: Object, method: Object) -> None:
    """Dispute a charge at once where the card is the one that does so."""
    if method[KIND] == "pm_card_createDispute":
        dispute(stripe, charge)


def dispute(stripe: StripeEmulator, charge: Object, reason: str = "fraudulent") -> Object:
    """Take a charge's amount back until it is decided."""
    charge["disputed"] = True
    made = stripe.records.add(
        {
            "id": stripe.records.new_id("dp"),
            "object": "dispute",
            "amount": charge["amount"],
            "charge": charge["id"],
            "created": stripe.now(charge["customer"]),
            "currency": charge["currency"],
            "evidence": {},
            "evidence_details": {
                "due_by": stripe.now(charge["customer"]) + RESPOND_WITHIN_S,
                "has_evidence": False,
                "past_due": False,
                "submission_count": 0,
            },
            "is_charge_refundable": False,
            "livemode": False,
            "metadata": {},
            "payment_intent": charge["payment_intent"],
            "reason": reason,
            "status": "needs_response",
        }
    )
    stripe.happened("charge.dispute.created", made)
    stripe.happened("charge.dispute.funds_withdrawn", made)
    return made


def update_dispute(stripe: StripeEmulator, params: Object, dispute_id: str) -> Object:
    """``POST /v1/disputes/{id}``: Stripe's texts for tests decide it at once."""
    found = stripe.records.get("dispute", dispute_id)
    if found["status"] in {"won", "lost"}:
        raise StripeFailure("This dispute is already closed.")
    evidence = params.get("evidence") or {}
    found["evidence"] |= evidence
    found["evidence_details"]["has_evidence"] = bool(found["evidence"])
    said = evidence.get("uncategorized_text")
    if said in {WINS, LOSES}:
        _close(stripe, found, "won" if said == WINS else "lost")
    else:
        found["status"] = "under_review"
        stripe.happened("charge.dispute.updated", found)
    return found


def close_dispute(stripe: StripeEmulator, _params: Object, dispute_id: str) -> Object:
    """``POST /v1/disputes/{id}/close``: give in."""
    found = stripe.records.get("dispute", dispute_id)
    _close(stripe, found, "lost")
    return found


def list_disputes(stripe: StripeEmulator, params: Object) -> Object:
    """``GET /v1/disputes``, by charge or payment intent."""

    def wanted(one: Object) -> bool:
        return params.get("charge") in {None, one["charge"]} and params.get("payment_intent") in {
            None,
            one["payment_intent"],
        }

    return listed(stripe.records.all("dispute"), params, "/v1/disputes", wanted)


def _close(stripe: StripeEmulator, found: Object, status: str) -> None:
    found["status"] = status
    stripe.happened("charge.dispute.closed", found)
    if status == "won":
        stripe.happened("charge.dispute.funds_reinstated", found)
