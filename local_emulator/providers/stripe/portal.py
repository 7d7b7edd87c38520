"""The customer portal: what a person does there with cards, the subscription and invoices."""

from __future__ import annotations

from html import escape

from local_emulator.providers.stripe.card_choice import QUICK
from local_emulator.providers.stripe.customers import update_customer
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure
from local_emulator.providers.stripe.items import ALIVE
from local_emulator.providers.stripe.page_style import framed
from local_emulator.providers.stripe.payment_methods import attach_method, detach_method, names_of
from local_emulator.providers.stripe.records import Object
from local_emulator.providers.stripe.subscriptions import update_subscription


def page(stripe: StripeEmulator, portal_id: str) -> str:
    """The portal of one customer."""
    portal = stripe.records.get("billing_portal.session", portal_id)
    customer = stripe.records.get("customer", portal["customer"])
    back = escape(portal["return_url"] or "/")
    body = (
        f"<p>{escape(customer['name'] or '')}</p>"
        f"<h2>Subscription</h2>{_subscriptions(stripe, customer)}"
        f"<h2>Cards</h2>{_cards(stripe, customer)}"
        f"<h2>Invoices</h2>{_invoices(stripe, customer)}<p><a href='{back}'>Back</a></p>"
    )
    return framed("Customer portal", body)


def create_portal(stripe: StripeEmulator, params: Object) -> Object:
    """``POST /v1/billing_portal/sessions``."""
    customer = stripe.records.get("customer", params.get("customer"), "customer")
    portal_id = stripe.records.new_id("bps")
    return stripe.records.add(
        {
            "id": portal_id,
            "object": "billing_portal.session",
            "configuration": "bpc_emulated",
            "created": stripe.now(customer["id"]),
            "customer": customer["id"],
            "flow": None,
            "livemode": False,
            "locale": None,
            "return_url": params.get("return_url"),
            "url": f"{stripe.url}/portal/{portal_id}",
        }
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
        f"<li>{names_of(one)} {_button('remove', one['id'], 'Remove')}</li>"
        for one in stripe.records.all("payment_method")
        if one["customer"] == customer["id"]
    )
    new = "".join(_button("add", name, f"Add {digits}") for name, digits in QUICK.items())
    return f"<ul>{own}</ul>{new}"


def _invoices(stripe: StripeEmulator, customer: Object) -> str:
    rows = "".join(
        f"<li><a href='/invoices/{one['id']}'>{escape(one['number'] or one['id'])}</a>"
        f" {one['total']} {one['currency']}, {one['status']}</li>"
        for one in stripe.records.all("invoice")
        if one["customer"] == customer["id"]
    )
    return f"<ul>{rows}</ul>"
