"""Credit notes: what is taken back of an invoice."""

from __future__ import annotations

from local_emulator.providers.stripe.balances import move
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure
from local_emulator.providers.stripe.forms import number
from local_emulator.providers.stripe.records import Object, listed


def create_credit_note(stripe: StripeEmulator, params: Object) -> Object:
    """``POST /v1/credit_notes``: what is credited goes to the customer's balance."""
    invoice = stripe.records.get("invoice", params.get("invoice"), "invoice")
    amount = number(params.get("amount"))
    if invoice["status"] not in {"open", "paid"} or not 0 < amount <= invoice["total"]:
        raise StripeFailure("The credit note amount is not valid for this invoice.", param="amount")
    customer = stripe.records.get("customer", invoice["customer"])
    if invoice["status"] == "open":
        invoice["amount_due"] = invoice["amount_remaining"] = max(0, invoice["amount_due"] - amount)
    else:
        move(stripe, customer, -amount, "credit_note", {"currency": invoice["currency"]})
    made = stripe.records.add(
        {
            "id": stripe.records.new_id("cn"),
            "object": "credit_note",
            "amount": amount,
            "created": stripe.now(customer["id"]),
            "currency": invoice["currency"],
            "customer": customer["id"],
            "invoice": invoice["id"],
            "livemode": False,
            "memo": params.get("memo"),
            "metadata": params.get("metadata") or {},
            "number": f"{invoice['number']}-CN",
            "reason": params.get("reason"),
            "status": "issued",
            "total": amount,
            "type": "post_payment" if invoice["status"] == "paid" else "pre_payment",
        }
    )
    stripe.happened("credit_note.created", made)
    return made


def list_credit_notes(stripe: StripeEmulator, params: Object) -> Object:
    """``GET /v1/credit_notes``, of a customer."""

    def wanted(note: Object) -> bool:
        return params.get("customer") in {None, note["customer"]}

    return listed(stripe.records.all("credit_note"), params, "/v1/credit_notes", wanted)
