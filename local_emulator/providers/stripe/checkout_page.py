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
        f"{_due(session)}{alert(session.get(PROBLEM))}"
        f"{card_form('Save' if session['mode'] == 'setup' else 'Pay')}<a href='{back}'>Back</a>"
    )
    return framed("Checkout", body)


def _due(session: Object) -> str:
    total = session["amount_total"]
    return f"<p>Total today: {total if total is not None else 'nothing'} (minor units)</p>"
