"""Checkout sessions: pages on which a person pays, or has a payment method kept."""

from __future__ import annotations

from local_emulator.providers.stripe.checkout_payment import charge, priced
from local_emulator.providers.stripe.checkout_terms import (
    collect,
    session_terms,
    set_amounts,
    subscription_wish,
)
from local_emulator.providers.stripe.customers import create_customer
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure, required
from local_emulator.providers.stripe.forms import number
from local_emulator.providers.stripe.payment_intents import confirm, new_intent
from local_emulator.providers.stripe.payment_methods import (
    AGREED,
    SET_UP,
    attach_method,
    detach_method,
    needs_consent,
    new_method,
    refusal_of,
    refuse_bad,
    update_method,
)
from local_emulator.providers.stripe.payment_methods import (
    failure_of as refused_charge,
)
from local_emulator.providers.stripe.records import Object, listed
from local_emulator.providers.stripe.setup_intents import (
    create_setup_intent,
)
from local_emulator.providers.stripe.subscriptions import create_subscription

TEXTS = ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
VALID_S = 24 * 3600
INTENT = "emulator_intent"
METHOD = "emulator_method"
PROBLEM = "emulator_problem"
"""What the page says of the last attempt."""


def create_session(stripe: StripeEmulator, params: Object) -> Object:
    """``POST /v1/checkout/sessions``, of the modes ``subscription``, ``payment`` and ``setup``."""
    mode = params.get("mode")
    if mode not in {"subscription", "payment", "setup"}:
        raise StripeFailure("mode must be one of payment, setup or subscription.", param="mode")
    if mode != "setup" and not params.get("line_items"):
        raise required("line_items")
    customer_id = params.get("customer")
    if customer_id is not None:
        stripe.records.get("customer", customer_id, "customer")
    priced(stripe, params)
    for given in params.get("line_items") or []:
        stripe.records.get("price", given.get("price"), "line_items[price]")
    terms = session_terms(stripe, params)
    now = stripe.now(customer_id)
    session_id = stripe.records.new_id("cs_test")
    session = stripe.records.add(
        {
            "id": session_id,
            "object": "checkout.session",
            "amount_subtotal": None,
            "amount_total": None,
            "cancel_url": params.get("cancel_url"),
            "client_reference_id": params.get("client_reference_id"),
            "created": now,
            "currency": None,
            "custom_fields": [],
            "custom_text": dict.fromkeys(TEXTS),
            "customer": customer_id,
            "customer_email": params.get("customer_email"),
            "expires_at": number(params.get("expires_at"), now + VALID_S),
            "invoice": None,
            "livemode": False,
            "metadata": params.get("metadata") or {},
            "mode": mode,
            "payment_method_types": params.get("allowed_payment_method_types") or ["card"],
            "payment_status": "unpaid",
            "setup_intent": None,
            "shipping_options": [],
            "status": "open",
            "subscription": None,
            "success_url": params.get("success_url"),
            **terms,
            "url": f"{stripe.url}/checkout/{session_id}",
            "emulator_items": params.get("line_items") or [],
            "emulator_invoice_creation": params.get("invoice_creation") or {},
            "emulator_subscription": params.get("subscription_data") or {},
        }
    )
    set_amounts(stripe, session)
    return session


def submit(stripe: StripeEmulator, session_id: str, form: Object) -> str:
    """Pay with ``card`` as a person does on the page; returns where the browser goes next.

    Raises StripeFailure for a card that is refused: the session stays open for another.
    """
    session = _open(stripe, session_id)
    session[PROBLEM] = None
    try:
        return _submit(stripe, session, form)
    except StripeFailure as failure:
        session[PROBLEM] = str(failure)
        raise


def consented(stripe: StripeEmulator, intent: Object) -> str | None:
    """Where the bank's page leads back to, if it was asked for a session; None if not.

    With the customer's consent the session is completed.
    """
    session = _session_of(stripe, intent)
    if session is None:
        return None
    error = intent.get("last_payment_error") or intent.get("last_setup_error")
    if error:
        session[PROBLEM], session[INTENT] = error["message"], None
        return str(session["url"])
    method = stripe.records.get("payment_method", session[METHOD])
    if intent["object"] == "payment_intent":
        # The invoice of the subscription is charged by an intent of its own.
        stripe.records.forget(intent["id"])
        method[AGREED] = method[SET_UP] = True
    try:
        return _complete(stripe, session, method)
    except StripeFailure as failure:
        session[PROBLEM], session[INTENT] = str(failure), None
        return str(session["url"])


def is_of_session(stripe: StripeEmulator, intent: Object) -> bool:
    """Whether a session waits for an intent."""
    return _session_of(stripe, intent) is not None


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
        return params.get("customer") in {None, session["customer"]} and params.get("status") in {
            None,
            session["status"],
        }

    found = stripe.records.all("checkout.session")
    return listed(found, params, "/v1/checkout/sessions", wanted)


def _session_of(stripe: StripeEmulator, intent: Object) -> Object | None:
    for one in stripe.records.all("checkout.session"):
        if one.get(INTENT) == intent["id"] and one["status"] == "open":
            return one
    return None


def _open(stripe: StripeEmulator, session_id: str) -> Object:
    session = stripe.records.get("checkout.session", session_id)
    if session["status"] == "open" and session["expires_at"] <= stripe.now(session["customer"]):
        expire(stripe, {}, session_id)
    if session["status"] != "open":
        raise StripeFailure("This session is over.")
    return session


def _submit(stripe: StripeEmulator, session: Object, form: Object) -> str:
    if session["customer"] is None:
        made = create_customer(stripe, {"email": session["customer_email"]})
        session["customer"] = made["id"]
    if session["mode"] != "setup":
        collect(stripe, session, form)
        if form.get("apply"):
            return str(session["url"])
    method = new_method(stripe, form.get("card") or "pm_card_visa")
    if method["type"] == "card":
        update_method(stripe, {"card": form}, method["id"])
    refuse_bad(method)
    if session["mode"] == "setup" or not session["amount_total"]:
        wish = {"customer": session["customer"], "payment_method": method["id"]}
        intent = create_setup_intent(stripe, wish)
        session["setup_intent"] = intent["id"] if session["mode"] == "setup" else None
        if intent["status"] == "requires_action":
            return _to_the_bank(stripe, session, intent, method)
        return _complete(stripe, session, method)
    attach_method(stripe, {"customer": session["customer"]}, method["id"])
    if needs_consent(method, off_session=False):
        currency = _currency(stripe, session)
        wish = {"amount": session["amount_total"], "currency": currency}
        intent = new_intent(stripe, {**wish, "customer": session["customer"]})
        confirm(stripe, intent, method, off_session=False)
        return _to_the_bank(stripe, session, intent, method)
    return _complete(stripe, session, method)


def _to_the_bank(stripe: StripeEmulator, session: Object, intent: Object, method: Object) -> str:
    session[INTENT], session[METHOD] = intent["id"], method["id"]
    return f"{stripe.url}/authenticate/{intent['id']}"


def _complete(stripe: StripeEmulator, session: Object, method: Object) -> str:
    if session["mode"] != "setup":
        refused = refusal_of(stripe, method) if session["amount_total"] else None
        if refused and method["type"] == "card":
            detach_method(stripe, {}, method["id"])
            raise refused_charge(refused)
        take = _subscribe if session["mode"] == "subscription" else charge
        take(stripe, session, method)
    session["status"] = "complete"
    stripe.happened("checkout.session.completed", session)
    address = str(session["success_url"] or "/")
    return address.replace("{CHECKOUT_SESSION_ID}", session["id"])


def _subscribe(stripe: StripeEmulator, session: Object, method: Object) -> None:
    data = session["emulator_subscription"]
    wish = {
        **data,
        **subscription_wish(session),
        "customer": session["customer"],
        "items": session["emulator_items"],
        "default_payment_method": method["id"],
        "payment_behavior": "error_if_incomplete",
    }
    subscription = create_subscription(stripe, wish)
    session["subscription"] = subscription["id"]
    session["invoice"] = subscription["latest_invoice"]
    invoice = stripe.records.find("invoice", subscription["latest_invoice"])
    if not session["amount_total"]:
        session["payment_status"] = "no_payment_required"
    elif invoice is None or invoice["status"] == "paid":
        session["payment_status"] = "paid"


def _currency(stripe: StripeEmulator, session: Object) -> str:
    price = stripe.records.get("price", session["emulator_items"][0]["price"])
    return str(price["currency"])
