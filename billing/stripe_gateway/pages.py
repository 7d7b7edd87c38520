"""Stripe's own pages: Checkout and the customer portal."""

from __future__ import annotations

from typing import Any, cast

from billing.accounts.change_requests import Checkout
from billing.stripe_gateway.client import MOST, Object, StripeClient, call, key_of, plain

ONE_TRIAL = "One trial for each card: with a card that had one, the plan is paid at once."
"""What the page says above its button, since which card it will be is not known before."""


class PageCalls(StripeClient):
    """Pages on which a person decides."""

    def checkout(self, params: Checkout, key: str) -> Object:
        """Begin a subscription on Stripe's page."""
        data: Object = {"metadata": dict(params.metadata)}
        if params.trial_days:
            data["trial_period_days"] = params.trial_days
            session_text: Object = {"custom_text": {"submit": {"message": ONE_TRIAL}}}
        else:
            session_text = {}
        session = {
            "mode": "subscription",
            "customer": params.customer_id,
            "client_reference_id": params.metadata.get("workspace_id"),
            "line_items": list(params.items),
            "metadata": dict(params.metadata),
            "subscription_data": data,
            "success_url": params.success_url,
            "cancel_url": params.cancel_url,
            **session_text,
            **_tax(params),
            **_promotion(params),
        }
        data |= {"default_tax_rates": list(params.tax.rates)} if params.tax.rates else {}
        made = call(lambda: self._api.checkout.sessions.create(cast("Any", session), key_of(key)))
        return plain(made)

    def setup(self, customer_id: str, success_url: str, cancel_url: str, key: str) -> Object:
        """Have a payment method entered on Stripe's page (a SetupIntent behind it)."""
        session = {
            "mode": "setup",
            "currency": None,
            "customer": customer_id,
            "allowed_payment_method_types": ["card"],
            "success_url": success_url,
            "cancel_url": cancel_url,
        }
        given = cast("Any", {k: v for k, v in session.items() if v is not None})
        return plain(call(lambda: self._api.checkout.sessions.create(given, key_of(key))))

    def session(self, session_id: str) -> Object:
        """Read a page of Checkout: ``status`` is ``open``, ``complete`` or ``expired``."""
        return plain(call(lambda: self._api.checkout.sessions.retrieve(session_id)))

    def open_sessions(self, customer_id: str) -> list[Object]:
        """The pages of Checkout that a customer has not finished."""
        params = cast("Any", {"customer": customer_id, "limit": MOST})
        found = call(lambda: self._api.checkout.sessions.list(params))
        return [plain(one) for one in found.data if one.status == "open"]

    def expire_session(self, session_id: str) -> None:
        """Close a page of Checkout: it cannot be paid any more."""
        call(lambda: self._api.checkout.sessions.expire(session_id))

    def portal(self, customer_id: str, return_url: str) -> str:
        """The address of the customer portal, good for a few minutes."""
        params = cast("Any", {"customer": customer_id, "return_url": return_url})
        return call(lambda: self._api.billing_portal.sessions.create(params)).url


def _tax(params: Checkout) -> Object:
    """With Stripe Tax the page asks for the address and the tax id, and the customer gets them."""
    if not params.tax.automatic:
        return {}
    return {
        "automatic_tax": {"enabled": True},
        "billing_address_collection": "auto",
        "customer_update": {"address": "auto", "name": "auto"},
        "tax_id_collection": {"enabled": True},
    }


def _promotion(params: Checkout) -> Object:
    if params.promotion_code is not None:
        return {"discounts": [{"promotion_code": params.promotion_code}]}
    return {"allow_promotion_codes": True} if params.asks_for_code else {}
