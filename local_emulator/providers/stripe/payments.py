"""Payments of invoices: by the method on file, by hand, and what an intent's end makes of them."""

from __future__ import annotations

from local_emulator.providers.stripe import pending_updates
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure, declined
from local_emulator.providers.stripe.forms import truth
from local_emulator.providers.stripe.invoice_payments import intent_of, invoice_of, payments_of
from local_emulator.providers.stripe.invoices import finalize, subscription_of
from local_emulator.providers.stripe.payment_intents import confirm, failure_of
from local_emulator.providers.stripe.payment_methods import failure_of as refused_charge
from local_emulator.providers.stripe.payment_methods import (
    needs_consent,
    own_method,
    refusal_of,
)
from local_emulator.providers.stripe.records import Object

ATTEMPTS_UNTIL_UNPAID = 4
RETRY_S = 3 * 86_400
NEEDS_CONSENT_CODE = "subscription_payment_intent_requires_action"
NEEDS_CONSENT = (
    "This payment requires additional user action before it can be completed successfully. Payment"
    " can be completed using the PaymentIntent associated with invoice."
)


def pay(stripe: StripeEmulator, invoice: Object, *, off_session: bool = True) -> bool:
    """Try to collect an open invoice; says whether nothing failed.

    A bank debit that is on its way has not failed: its invoice stays open.
    """
    if not invoice["amount_due"]:
        become_paid(stripe, invoice)
        return True
    invoice["attempted"] = True
    invoice["attempt_count"] += 1
    method = method_of(stripe, invoice)
    if method is None:
        _fail(stripe, invoice)
        return False
    intent = intent_of(stripe, invoice)
    confirm(stripe, intent, method, off_session=off_session)
    if intent["status"] == "succeeded":
        become_paid(stripe, invoice)
    elif intent["status"] == "processing":
        invoice["next_payment_attempt"] = None
    else:
        _fail(stripe, invoice)
        if intent["status"] == "requires_action":
            stripe.happened("invoice.payment_action_required", invoice)
        return False
    return True


def become_paid(stripe: StripeEmulator, invoice: Object) -> None:
    """Note that an invoice is paid, and let a change hold that waited for it."""
    invoice["amount_paid"], invoice["amount_remaining"] = invoice["amount_due"], 0
    invoice["status"] = "paid"
    invoice["next_payment_attempt"] = None
    invoice["status_transitions"]["paid_at"] = stripe.now(invoice["customer"])
    payments_of(stripe, invoice["id"])
    stripe.happened("invoice.paid", invoice)
    stripe.happened("invoice.payment_succeeded", invoice)
    pending_updates.apply(stripe, invoice)


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
    if truth(params.get("paid_out_of_band")):
        become_paid(stripe, invoice)
        after_payment(stripe, invoice, True)
        return invoice
    if params.get("payment_method"):
        own_method(stripe, invoice["customer"], params["payment_method"])
        invoice["default_payment_method"] = params["payment_method"]
    if invoice["collection_method"] == "send_invoice" and method_of(stripe, invoice) is None:
        raise StripeFailure("There is no payment method to pay this invoice with.")
    paid = pay(stripe, invoice, off_session=truth(params.get("off_session"), True))
    after_payment(stripe, invoice, paid)
    if not paid:
        raise refusal(stripe, invoice)
    return invoice


def refusal(
    stripe: StripeEmulator, invoice: Object, code: str = "invoice_payment_intent_requires_action"
) -> StripeFailure:
    """Why an invoice could not be collected; ``code`` where the bank is to be asked."""
    if method_of(stripe, invoice) is None:
        return declined("This customer has no attached payment source or default payment method.")
    intent = intent_of(stripe, invoice)
    if intent["status"] == "requires_action":
        return declined(NEEDS_CONSENT, code)
    return failure_of(intent)


def refuses(stripe: StripeEmulator, invoice: Object) -> bool:
    """Whether an invoice cannot be collected at once; of a bank debit that is known later."""
    method = method_of(stripe, invoice)
    if method is None:
        return True
    if method["type"] != "card":
        return False
    return needs_consent(method, off_session=False) or refusal_of(stripe, method) is not None


def refusal_ahead(stripe: StripeEmulator, invoice: Object, code: str) -> StripeFailure:
    """Why an invoice that is not made yet could not be collected."""
    method = method_of(stripe, invoice)
    if method is None:
        return declined("This customer has no attached payment source or default payment method.")
    if needs_consent(method, off_session=False):
        return declined(NEEDS_CONSENT, code)
    return refused_charge(refusal_of(stripe, method) or "generic_decline")


def intent_ended(stripe: StripeEmulator, intent: Object) -> None:
    """What becomes of an invoice whose payment ended later than it was tried."""
    from local_emulator.providers.stripe.billing import after_payment

    invoice = invoice_of(stripe, intent)
    if invoice is None or invoice["status"] not in {"open", "uncollectible"}:
        return
    if intent["status"] == "succeeded":
        become_paid(stripe, invoice)
        after_payment(stripe, invoice, True)
    elif intent["status"] == "requires_payment_method":
        if pending_updates.waits_for(stripe, invoice):
            stripe.happened("invoice.payment_failed", invoice)
            return  # The subscription goes on as if nobody had asked for the change.
        if invoice["next_payment_attempt"] is None:
            _fail(stripe, invoice)
        else:
            stripe.happened("invoice.payment_failed", invoice)
        after_payment(stripe, invoice, False)


def method_of(stripe: StripeEmulator, invoice: Object) -> Object | None:
    """What an invoice is paid with: its own method, the subscription's, or the customer's."""
    customer = stripe.records.get("customer", invoice["customer"])
    subscription = subscription_of(stripe, invoice)
    chosen = (
        invoice["default_payment_method"]
        or (subscription["default_payment_method"] if subscription else None)
        or customer["invoice_settings"]["default_payment_method"]
    )
    found = stripe.records.find("payment_method", chosen)
    return found if found is not None and found["customer"] == customer["id"] else None


def _fail(stripe: StripeEmulator, invoice: Object) -> None:
    now = stripe.now(invoice["customer"])
    is_last = invoice["attempt_count"] >= ATTEMPTS_UNTIL_UNPAID or not invoice["auto_advance"]
    invoice["next_payment_attempt"] = None if is_last else now + RETRY_S
    stripe.happened("invoice.payment_failed", invoice)
