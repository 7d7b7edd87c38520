"""The page of the customer's bank, on which a payment, or keeping a card, is agreed to."""

from __future__ import annotations

from html import escape
from typing import Any

from local_emulator.providers.stripe import checkout
from local_emulator.providers.stripe.confirmations import agree
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure
from local_emulator.providers.stripe.invoice_payments import invoice_of
from local_emulator.providers.stripe.page_style import amount, framed
from local_emulator.providers.stripe.payment_intents import authenticate
from local_emulator.providers.stripe.payment_methods import names_of
from local_emulator.providers.stripe.records import Object
from local_emulator.providers.stripe.setup_intents import authenticate_setup


def bank_page(stripe: StripeEmulator, intent_id: str) -> str:
    """What is to be agreed to, with the buttons Complete and Fail."""
    intent = _intent(stripe, intent_id)
    if intent["status"] != "requires_action":
        return framed("Bank", "<p>Nothing waits for your consent here.</p>")
    method = stripe.records.get("payment_method", intent["payment_method"])
    what = "Keep this card for later payments"
    if intent["object"] == "payment_intent":
        what = f"Pay {amount(intent['amount'], intent['currency'])}"
    return framed(
        "Bank",
        f"<p>{escape(what)} with {escape(names_of(method))}?</p><form method=post>"
        "<button name=do value=complete>Complete</button>"
        "<button name=do value=fail>Fail</button></form>",
    )


def answer(stripe: StripeEmulator, intent_id: str, form: dict[str, Any]) -> str:
    """Take the customer's answer; returns where the browser goes next."""
    intent = _intent(stripe, intent_id)
    agrees = form.get("do") != "fail"
    if intent["object"] == "setup_intent":
        authenticate_setup(stripe, intent, agrees=agrees)
        return checkout.consented(stripe, intent) or "/"
    if checkout.is_of_session(stripe, intent):
        if not agrees:
            authenticate(stripe, intent, agrees=False)
        return checkout.consented(stripe, intent) or "/"
    agree(stripe, intent, agrees=agrees)
    invoice = invoice_of(stripe, intent)
    return str(invoice["hosted_invoice_url"]) if invoice else "/"


def _intent(stripe: StripeEmulator, intent_id: str) -> Object:
    found = stripe.records.find("payment_intent", intent_id)
    found = found or stripe.records.find("setup_intent", intent_id)
    if found is None:
        raise StripeFailure("There is no such payment.", status=404)
    return found
