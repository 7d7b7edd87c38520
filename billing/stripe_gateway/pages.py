"""Stripe's own pages: Checkout and the customer portal."""

from __future__ import annotations

from typing import Any, cast

from billing.accounts.wishes import Checkout
from billing.stripe_gateway.client import MOST, Object, StripeClient, call, key_of, plain

ONE_TRIAL = "One trial for each card: with a card that had one, the plan is paid at once."
"""What the page says above its button, since which card it will be is not known before."""


class PageCalls(StripeClient):
    """Pages on which a person decides."""

    def checkout(self, wish: Checkout, key: str) -> Object:
        """Begin a subscription on Stripe's page."""
        data: Object = {"metadata": dict(wish.metadata)}
        if wish.trial_days:
            data["trial_period_days"] = wish.trial_days
            session_text: Object = {"custom_text": {"submit": {"message": ONE_TRIAL}}}
        else:
            session_text = {}
        session = {
            "mode": "subscription",
            "customer": wish.customer_id,
            "client_reference_id": wish.metadata.get("workspace_id"),
            "line_items": list(wish.items),
            "metadata": dict(wish.metadata),
            "subscription_data": data,
            "success_url": wish.success_url,
            "cancel_url": wish.cancel_url,
            **session_text,
            **_tax(wish),
            **_promotion(wish),
        }
        data |= {"default_tax_rates": list(wish.tax.rates)} if wish.tax.rates else {}
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
        wish = cast("Any", {"customer": customer_id, "limit": MOST})
        found = call(lambda: self._api.checkout.sessions.list(wish))
        return [plain(one) for one in found.data if one.status == "open"]

    def expire_session(self, session_id: str) -> None:
        """Close a page of Checkout: it cannot be paid any more."""
        call(lambda: self._api.checkout.sessions.expire(session_id))

    def portal(self, customer_id: str, return_url: str) -> str:
        """The address of the customer portal, good for a few minutes."""
        wish = cast("Any", {"customer": customer_id, "return_url": return_url})
        return call(lambda: self._api.billing_portal.sessions.create(wish)).url


def _tax(wish: Checkout) -> Object:
    """With Stripe Tax the page asks for the address and the tax id, and the customer gets them."""
    if not wish.tax.automatic:
        return {}
    return {
        "automatic_tax": {"enabled": True},
        "billing_address_collection": "auto",
        "customer_update": {"address": "auto", "name": "auto"},
        "tax_id_collection": {"enabled": True},
    }


def _promotion(wish: Checkout) -> Object:
    if wish.promotion_code is not None:
        return {"discounts": [{"promotion_code": wish.promotion_code}]}
    return {"allow_promotion_codes": True} if wish.asks_for_code else {}
