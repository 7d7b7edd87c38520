"""Checkout sessions and the customer portal: pages on which a person decides."""

from __future__ import annotations

from html import escape

from local_emulator.providers.stripe.customers import attach_method, create_customer
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure, required
from local_emulator.providers.stripe.forms import number
from local_emulator.providers.stripe.records import Object, listed
from local_emulator.providers.stripe.subscriptions import create_subscription

VALID_S = 24 * 3600


def create_session(stripe: StripeEmulator, params: Object) -> Object:
    """``POST /v1/checkout/sessions``, of the modes ``subscription`` and ``setup``."""
    mode = params.get("mode")
    if mode not in {"subscription", "setup"}:
        raise StripeFailure("This emulator has the modes subscription and setup.", param="mode")
    if mode == "subscription" and not params.get("line_items"):
        raise required("line_items")
    customer_id = params.get("customer")
    if customer_id is not None:
        stripe.records.get("customer", customer_id, "customer")
    for given in params.get("line_items") or []:
        stripe.records.get("price", given.get("price"), "line_items[price]")
    now = stripe.now(customer_id)
    session_id = stripe.records.new_id("cs_test")
    return stripe.records.add(
        {
            "id": session_id,
            "object": "checkout.session",
            "amount_subtotal": None,
            "amount_total": _total(stripe, params),
            "cancel_url": params.get("cancel_url"),
            "client_reference_id": params.get("client_reference_id"),
            "created": now,
            "currency": None,
            "customer": customer_id,
            "customer_email": params.get("customer_email"),
            "expires_at": now + VALID_S,
            "invoice": None,
            "livemode": False,
            "metadata": params.get("metadata") or {},
            "mode": mode,
            "payment_status": "unpaid",
            "setup_intent": None,
            "status": "open",
            "subscription": None,
            "success_url": params.get("success_url"),
            "url": f"{stripe.url}/checkout/{session_id}",
            "emulator_items": params.get("line_items") or [],
            "emulator_subscription": params.get("subscription_data") or {},
        }
    )


def complete(stripe: StripeEmulator, session_id: str, card: str) -> Object:
    """Pay, as a person does on the session's page; raises StripeFailure for a refused card."""
    session = stripe.records.get("checkout.session", session_id)
    if session["status"] != "open":
        raise StripeFailure("This session is over.")
    if session["customer"] is None:
        made = create_customer(stripe, {"email": session["customer_email"]})
        session["customer"] = made["id"]
    method = attach_method(stripe, {"customer": session["customer"]}, card)
    customer = stripe.records.get("customer", session["customer"])
    customer["invoice_settings"]["default_payment_method"] = method["id"]
    if session["mode"] == "subscription":
        data = session["emulator_subscription"]
        wish = {
            "customer": session["customer"],
            "items": session["emulator_items"],
            "default_payment_method": method["id"],
            "payment_behavior": "error_if_incomplete",
            **{name: data[name] for name in ("metadata", "trial_period_days") if name in data},
        }
        subscription = create_subscription(stripe, wish)
        session["subscription"] = subscription["id"]
        session["invoice"] = subscription["latest_invoice"]
    session["status"], session["payment_status"] = "complete", "paid"
    stripe.happened("checkout.session.completed", session)
    return session


def expire(stripe: StripeEmulator, _params: Object, session_id: str) -> Object:
    """``POST /v1/checkout/sessions/{id}/expire``."""
    session = stripe.records.get("checkout.session", session_id)
    if session["status"] != "open":
        raise StripeFailure("Only open sessions can be expired.")
    session["status"] = "expired"
    stripe.happened("checkout.session.expired", session)
    return session


def list_sessions(stripe: StripeEmulator, params: Object) -> Object:
    """``GET /v1/checkout/sessions``."""

    def wanted(session: Object) -> bool:
        return params.get("customer") in {None, session["customer"]}

    found = stripe.records.all("checkout.session")
    return listed(found, params, "/v1/checkout/sessions", wanted)


def page(stripe: StripeEmulator, session_id: str) -> str:
    """The page on which a person pays, with Stripe's cards for tests."""
    session = stripe.records.get("checkout.session", session_id)
    total = session["amount_total"]
    cards = {"pm_card_visa": "4242 4242 4242 4242", "pm_card_chargeDeclined": "4000 … 0002"}
    buttons = "".join(
        f"<button name=card value={escape(name)}>Pay with {escape(digits)}</button>"
        for name, digits in cards.items()
    )
    back = escape(session["cancel_url"] or "/")
    return (
        "<!doctype html><meta charset=utf-8><title>Checkout</title><h1>Checkout (emulated)</h1>"
        f"<p>Total today: {total if total is not None else 'nothing'} (minor units)</p>"
        f"<form method=post>{buttons}</form><a href='{back}'>Back</a>"
    )


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


def _total(stripe: StripeEmulator, params: Object) -> int | None:
    if not params.get("line_items") or (params.get("subscription_data") or {}).get(
        "trial_period_days"
    ):
        return None
    return sum(
        (stripe.records.get("price", one["price"])["unit_amount"] or 0)
        * number(one.get("quantity"), 1)
        for one in params["line_items"]
    )
