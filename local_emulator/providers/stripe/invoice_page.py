"""The page of an invoice, on which whoever has its address pays it."""

from __future__ import annotations

from html import escape

from local_emulator.providers.stripe.billing import after_payment
from local_emulator.providers.stripe.card_choice import card_form
from local_emulator.providers.stripe.cash_balances import funding_instructions
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure
from local_emulator.providers.stripe.invoice_payments import intent_of, payments_of
from local_emulator.providers.stripe.page_style import alert, amount, framed
from local_emulator.providers.stripe.payment_methods import attach_method
from local_emulator.providers.stripe.payments import pay, refusal
from local_emulator.providers.stripe.records import Object


def invoice_page(stripe: StripeEmulator, invoice_id: str, problem: str | None = None) -> str:
    """An invoice with its lines; an open one with the ways to pay it."""
    invoice = stripe.records.get("invoice", invoice_id)
    currency = invoice["currency"]
    lines = "".join(
        f"<li>{escape(one['description'] or '')}: {amount(one['amount'], currency)}</li>"
        for one in invoice["lines"]["data"]
    )
    state = f"<p>Total {amount(invoice['total'], currency)}, {invoice['status']}</p>"
    ways = _ways(stripe, invoice) if invoice["status"] == "open" else ""
    title = f"Invoice {invoice['number'] or ''}"
    return framed(title, f"<ul>{lines}</ul>{state}{alert(problem)}{ways}")


def pay_on_page(stripe: StripeEmulator, invoice_id: str, card: str) -> str:
    """Pay with a card, on-session; returns where the browser goes next, or raises."""
    invoice = stripe.records.get("invoice", invoice_id)
    if invoice["status"] != "open":
        raise StripeFailure(f"This invoice is {invoice['status']}.")
    method = attach_method(stripe, {"customer": invoice["customer"]}, card)
    former = invoice["default_payment_method"]
    invoice["default_payment_method"] = method["id"]
    paid = pay(stripe, invoice, off_session=False)
    if not paid:
        failure = refusal(stripe, invoice)
        intent = intent_of(stripe, invoice)
        if intent["status"] == "requires_action":
            return str(intent["next_action"]["redirect_to_url"]["url"])
        invoice["default_payment_method"] = former
        raise failure
    after_payment(stripe, invoice, True)
    return str(invoice["hosted_invoice_url"])


def _ways(stripe: StripeEmulator, invoice: Object) -> str:
    due = f"<p>Due: {amount(invoice['amount_remaining'], invoice['currency'])}</p>"
    for one in payments_of(stripe, invoice["id"]):
        intent = stripe.records.get("payment_intent", one["payment"]["payment_intent"])
        if intent["status"] == "requires_action":
            url = intent["next_action"]["redirect_to_url"]["url"]
            return f"{due}<p><a href='{escape(url)}'>Confirm with your bank</a></p>{card_form()}"
        if intent["status"] == "processing":
            return f"{due}<p>A payment is on its way.</p>"
    if invoice["collection_method"] == "send_invoice":
        return f"{due}{_transfer(stripe, invoice)}{card_form()}"
    return f"{due}{card_form()}"


def _transfer(stripe: StripeEmulator, invoice: Object) -> str:
    wish = {"funding_type": "bank_transfer", "currency": invoice["currency"]}
    found = funding_instructions(stripe, wish, invoice["customer"])["bank_transfer"]
    address = found["financial_addresses"][0]
    rows = "".join(
        f"<dt>{escape(name.replace('_', ' '))}</dt><dd>{escape(str(value))}</dd>"
        for name, value in address[address["type"]].items()
    )
    reference = f"<dt>reference</dt><dd>{escape(invoice['number'] or '')}</dd>"
    return f"<h2>Bank transfer</h2><dl>{rows}{reference}</dl>"
