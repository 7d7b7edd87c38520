"""Payments of invoices."""

from __future__ import annotations

from local_emulator.providers.stripe.customers import REFUSED
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure, declined
from local_emulator.providers.stripe.invoices import finalize, subscription_of
from local_emulator.providers.stripe.records import Object, listed

ATTEMPTS_UNTIL_UNPAID = 4
RETRY_S = 3 * 86_400


def pay(stripe: StripeEmulator, invoice: Object) -> bool:
    """Try to collect an open invoice; says whether it is paid."""
    now = stripe.now(invoice["customer"])
    if invoice["amount_due"] and refuses(stripe, invoice):
        invoice["attempted"] = True
        invoice["attempt_count"] += 1
        is_last = invoice["attempt_count"] >= ATTEMPTS_UNTIL_UNPAID or not invoice["auto_advance"]
        invoice["next_payment_attempt"] = None if is_last else now + RETRY_S
        stripe.happened("invoice.payment_failed", invoice)
        return False
    if invoice["amount_due"]:
        invoice["attempted"] = True
        invoice["attempt_count"] += 1
        _charge(stripe, invoice)
    invoice["amount_paid"], invoice["amount_remaining"] = invoice["amount_due"], 0
    invoice["status"] = "paid"
    invoice["next_payment_attempt"] = None
    invoice["status_transitions"]["paid_at"] = now
    stripe.happened("invoice.paid", invoice)
    stripe.happened("invoice.payment_succeeded", invoice)
    return True


def pay_by_hand(stripe: StripeEmulator, params: Object, invoice_id: str) -> Object:
    """``POST /v1/invoices/{id}/pay``."""
    from local_emulator.providers.stripe.billing import after_payment

    invoice = stripe.records.get("invoice", invoice_id)
    if invoice["status"] == "paid":
        raise StripeFailure("Invoice is already paid", code="invoice_already_paid")
    if invoice["status"] == "draft":
        finalize(stripe, invoice)
    if invoice["status"] not in {"open", "uncollectible"}:
        raise StripeFailure(f"This invoice is {invoice['status']}, it cannot be paid.")
    if params.get("payment_method"):
        invoice["default_payment_method"] = params["payment_method"]
    paid = pay(stripe, invoice)
    after_payment(stripe, invoice, paid)
    if not paid:
        raise declined("Your card was declined.")
    return invoice


def refuses(stripe: StripeEmulator, invoice: Object) -> bool:
    """Whether nothing can be collected for an invoice."""
    method = _method(stripe, invoice)
    return method is None or bool(method[REFUSED])


def _method(stripe: StripeEmulator, invoice: Object) -> Object | None:
    customer = stripe.records.get("customer", invoice["customer"])
    subscription = subscription_of(stripe, invoice)
    chosen = (
        invoice["default_payment_method"]
        or (subscription["default_payment_method"] if subscription else None)
        or customer["invoice_settings"]["default_payment_method"]
    )
    return stripe.records.find("payment_method", chosen)


def _charge(stripe: StripeEmulator, invoice: Object) -> None:
    method = _method(stripe, invoice)
    intent = stripe.records.add(
        {
            "id": stripe.records.new_id("pi"),
            "object": "payment_intent",
            "amount": invoice["amount_due"],
            "amount_received": invoice["amount_due"],
            "created": stripe.now(invoice["customer"]),
            "currency": invoice["currency"],
            "customer": invoice["customer"],
            "livemode": False,
            "metadata": {},
            "payment_method": method["id"] if method else None,
            "status": "succeeded",
            "emulator_refunded": 0,
        }
    )
    stripe.records.add(
        {
            "id": stripe.records.new_id("inpay"),
            "object": "invoice_payment",
            "amount_paid": invoice["amount_due"],
            "amount_requested": invoice["amount_due"],
            "created": intent["created"],
            "currency": invoice["currency"],
            "invoice": invoice["id"],
            "is_default": True,
            "livemode": False,
            "payment": {"type": "payment_intent", "payment_intent": intent["id"]},
            "status": "paid",
            "status_transitions": {"canceled_at": None, "paid_at": intent["created"]},
        }
    )


def list_payments(stripe: StripeEmulator, params: Object) -> Object:
    """``GET /v1/invoice_payments``, of an invoice."""

    def wanted(payment: Object) -> bool:
        return params.get("invoice") in {None, payment["invoice"]}

    return listed(stripe.records.all("invoice_payment"), params, "/v1/invoice_payments", wanted)
