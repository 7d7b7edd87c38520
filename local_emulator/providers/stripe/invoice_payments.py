"""What connects invoices with the payment intents that pay them."""

from __future__ import annotations

from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.payment_intents import OPEN, cancel, new_intent
from local_emulator.providers.stripe.records import Object, listed


def intent_of(stripe: StripeEmulator, invoice: Object) -> Object:
    """The payment intent that an invoice is collected by: one for all its attempts."""
    for one in payments_of(stripe, invoice["id"]):
        intent = stripe.records.find("payment_intent", one["payment"]["payment_intent"])
        if intent is not None and intent["status"] != "canceled" and one["is_default"]:
            intent["amount"] = one["amount_requested"] = invoice["amount_remaining"]
            return intent
    wish = {
        "amount": invoice["amount_remaining"],
        "currency": invoice["currency"],
        "customer": invoice["customer"],
        "description": "Subscription update" if invoice["number"] else None,
        "setup_future_usage": "off_session",
    }
    intent = new_intent(stripe, wish)
    connect(stripe, invoice, intent)
    return intent


def connect(stripe: StripeEmulator, invoice: Object, intent: Object, amount: int = 0) -> Object:
    """Note that an intent pays an invoice; with ``amount`` it has paid that much already."""
    moment = intent["created"]
    return stripe.records.add(
        {
            "id": stripe.records.new_id("inpay"),
            "object": "invoice_payment",
            "amount_paid": amount or None,
            "amount_requested": amount or intent["amount"],
            "created": moment,
            "currency": invoice["currency"],
            "invoice": invoice["id"],
            "is_default": not amount,
            "livemode": False,
            "payment": {"type": "payment_intent", "payment_intent": intent["id"]},
            "status": "paid" if amount else "open",
            "status_transitions": {"canceled_at": None, "paid_at": moment if amount else None},
        }
    )


def payments_of(stripe: StripeEmulator, invoice_id: str) -> list[Object]:
    """The payments of an invoice, as far as their intents have come."""
    found = stripe.records.of(invoice_id, "invoice_payment")
    for one in found:
        _follow(stripe, one)
    return found


def invoice_of(stripe: StripeEmulator, intent: Object) -> Object | None:
    """The invoice that an intent pays."""
    for invoice in reversed(stripe.records.of(intent["customer"], "invoice")):
        for one in stripe.records.of(invoice["id"], "invoice_payment"):
            if one["payment"]["payment_intent"] == intent["id"]:
                return invoice
    return None


def give_up(stripe: StripeEmulator, invoice: Object) -> None:
    """Cancel what was to pay an invoice that is void."""
    for one in payments_of(stripe, invoice["id"]):
        intent = stripe.records.get("payment_intent", one["payment"]["payment_intent"])
        if intent["status"] in OPEN:
            cancel(stripe, intent, "void_invoice")
            _follow(stripe, one)


def list_payments(stripe: StripeEmulator, params: Object) -> Object:
    """``GET /v1/invoice_payments``, by invoice, status and payment intent."""
    wished = (params.get("payment") or {}).get("payment_intent")

    def wanted(payment: Object) -> bool:
        _follow(stripe, payment)
        return (
            params.get("invoice") in {None, payment["invoice"]}
            and params.get("status") in {None, payment["status"]}
            and wished in {None, payment["payment"]["payment_intent"]}
        )

    found = stripe.records.of(params.get("invoice"), "invoice_payment")
    return listed(found, params, "/v1/invoice_payments", wanted)


def _follow(stripe: StripeEmulator, payment: Object) -> None:
    intent = stripe.records.find("payment_intent", payment["payment"]["payment_intent"])
    if intent is None or payment["status"] != "open":
        return
    if intent["status"] == "succeeded":
        payment["status"], payment["amount_paid"] = "paid", intent["amount_received"]
        payment["status_transitions"]["paid_at"] = stripe.now(intent["customer"])
    elif intent["status"] == "canceled":
        payment["status"] = "canceled"
        payment["status_transitions"]["canceled_at"] = intent["canceled_at"]
