"""The page of a checkout session."""

from __future__ import annotations

from html import escape

from local_emulator.providers.stripe.card_choice import card_form
from local_emulator.providers.stripe.checkout import PROBLEM
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.page_style import alert, framed
from local_emulator.providers.stripe.records import Object


def checkout_page(stripe: StripeEmulator, session_id: str) -> str:
    """The page on which a person pays, with Stripe's payment methods for tests."""
    session = stripe.records.get("checkout.session", session_id)
    back = escape(session["cancel_url"] or "/")
    if session["status"] != "open":
        return framed("Checkout", f"<p>This session is over.</p><a href='{back}'>Back</a>")
    body = (
        f"{_due(session)}{alert(session.get(PROBLEM))}{_details(session)}"
        f"{card_form()}<a href='{back}'>Back</a>"
    )
    return framed("Checkout", body)


def _due(session: Object) -> str:
    total = session["amount_total"]
    if total is None:
        return "<p>Total today: nothing (minor units)</p>"
    details = session["total_details"]
    parts = f"<p>Subtotal: {session['amount_subtotal']}</p>" if any(details.values()) else ""
    if details["amount_discount"]:
        parts += f"<p>Discount: -{details['amount_discount']}</p>"
    if details["amount_tax"]:
        parts += f"<p>Tax: {details['amount_tax']}</p>"
    return f"{parts}<p>Total today: {total} (minor units)</p>"


def _details(session: Object) -> str:
    """What is asked for beside the card, applied before it is paid."""
    fields = ""
    if session["automatic_tax"]["enabled"]:
        fields += _field("country", "Country", "country") + _field("state", "State", "state")
        fields += _field("postal_code", "Postal code", "postal-code")
    if session["tax_id_collection"]["enabled"]:
        fields += _field("tax_id", "VAT number") + _field("tax_id_type", "Type, such as eu_vat")
    if session["allow_promotion_codes"]:
        fields += _field("promotion_code", "Promotion code")
    button = "<button name=apply value=1>Apply</button>"
    return f"<form method=post>{fields}{button}</form>" if fields else ""


def _field(name: str, label: str, fill: str = "off") -> str:
    return f"<p><label>{label}<br><input name={name} autocomplete={fill}></label></p>"
