"""The customer portal: what a person does there with cards, the subscription and invoices."""

from __future__ import annotations

from html import escape

from local_emulator.providers.stripe.customers import (
    CARDS,
    attach_method,
    detach_method,
    update_customer,
)
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure
from local_emulator.providers.stripe.items import ALIVE
from local_emulator.providers.stripe.records import Object
from local_emulator.providers.stripe.subscriptions import update_subscription

HEAD = (
    "<!doctype html><meta charset=utf-8><meta name=viewport content='width=device-width'>"
    "<title>Portal (emulated)</title><style>body{font:16px/1.5 system-ui;max-width:40rem;"
    "margin:3rem auto;padding:0 1rem}button{font:inherit;padding:.4rem .8rem;margin:.2rem 0}"
    "li{margin:.4rem 0}</style>"
)


def page(stripe: StripeEmulator, portal_id: str) -> str:
    """The portal of one customer."""
    portal = stripe.records.get("billing_portal.session", portal_id)
    customer = stripe.records.get("customer", portal["customer"])
    back = escape(portal["return_url"] or "/")
    return (
        f"{HEAD}<h1>Customer portal (emulated)</h1><p>{escape(customer['name'] or '')}</p>"
        f"<h2>Subscription</h2>{_subscriptions(stripe, customer)}"
        f"<h2>Cards</h2>{_cards(stripe, customer)}"
        f"<h2>Invoices</h2>{_invoices(stripe, customer)}<p><a href='{back}'>Back</a></p>"
    )


def act(stripe: StripeEmulator, portal_id: str, what: str, on: str) -> None:
    """Do what a button says; raises StripeFailure."""
    portal = stripe.records.get("billing_portal.session", portal_id)
    customer_id = portal["customer"]
    if what in {"cancel", "resume"}:
        update_subscription(stripe, {"cancel_at_period_end": str(what == "cancel")}, on)
    elif what == "add":
        method = attach_method(stripe, {"customer": customer_id}, on)
        settings = {"invoice_settings": {"default_payment_method": method["id"]}}
        update_customer(stripe, settings, customer_id)
    elif what == "remove":
        detach_method(stripe, {}, on)
    else:
        raise StripeFailure("There is no such button.")


def invoice_page(stripe: StripeEmulator, invoice_id: str) -> str:
    """The page of one invoice."""
    invoice = stripe.records.get("invoice", invoice_id)
    lines = "".join(
        f"<li>{escape(one['description'])}: {one['amount']}</li>"
        for one in invoice["lines"]["data"]
    )
    return (
        f"{HEAD}<h1>Invoice {escape(invoice['number'] or '')} (emulated)</h1><ul>{lines}</ul>"
        f"<p>Total {invoice['total']} {invoice['currency']} (minor units), {invoice['status']}</p>"
    )


def _button(what: str, on: str, text: str) -> str:
    return (
        f"<form method=post><input type=hidden name=on value='{escape(on)}'>"
        f"<button name=do value={what}>{escape(text)}</button></form>"
    )


def _subscriptions(stripe: StripeEmulator, customer: Object) -> str:
    found = [
        one
        for one in stripe.records.all("subscription")
        if one["customer"] == customer["id"] and one["status"] in ALIVE
    ]
    if not found:
        return "<p>None.</p>"
    return "".join(
        f"<p>{escape(one['status'])}</p>"
        + (
            _button("resume", one["id"], "Resume")
            if one["cancel_at_period_end"]
            else _button("cancel", one["id"], "Cancel at the end of the period")
        )
        for one in found
    )


def _cards(stripe: StripeEmulator, customer: Object) -> str:
    own = "".join(
        f"<li>{one['card']['brand']} {one['card']['last4']}"
        f" {_button('remove', one['id'], 'Remove')}</li>"
        for one in stripe.records.all("payment_method")
        if one["customer"] == customer["id"]
    )
    new = "".join(
        _button("add", name, f"Add {brand} … {last4}")
        for name, (brand, last4, _refused) in CARDS.items()
    )
    return f"<ul>{own}</ul>{new}"


def _invoices(stripe: StripeEmulator, customer: Object) -> str:
    rows = "".join(
        f"<li><a href='/invoices/{one['id']}'>{escape(one['number'] or one['id'])}</a>"
        f" {one['total']} {one['currency']}, {one['status']}</li>"
        for one in stripe.records.all("invoice")
        if one["customer"] == customer["id"]
    )
    return f"<ul>{rows}</ul>"
