"""Stripe's page on which prepaid credits are bought."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from billing.stripe_gateway.client import Object, StripeClient, call, key_of, plain
from billing.taxes.terms import LEFT_ALONE, TaxTerms


class CreditCalls(StripeClient):
    """Payments that begin no subscription."""

    def buy(
        self,
        customer_id: str,
        line: Object,
        marks: Mapping[str, str],
        tax: TaxTerms = LEFT_ALONE,
        **more: str,
    ) -> Object:
        """Have something paid once on Stripe's page, with an invoice that bears these marks.

        With Stripe Tax the page asks for address and tax id. ``more`` are
        ``success_url``, ``cancel_url`` and ``key`` (https://docs.stripe.com/api/checkout/sessions/create,
        ``invoice_creation``).
        """
        session: Object = {
            "mode": "payment",
            "customer": customer_id,
            "line_items": [{**line, "tax_rates": list(tax.rates)} if tax.rates else line],
            "metadata": dict(marks),
            "invoice_creation": {"enabled": True, "invoice_data": {"metadata": dict(marks)}},
            "success_url": more["success_url"],
            "cancel_url": more["cancel_url"],
        }
        if tax.automatic:
            session["automatic_tax"] = session["tax_id_collection"] = {"enabled": True}
            session["customer_update"] = {"address": "auto", "name": "auto"}
        key = key_of(more["key"])
        return plain(call(lambda: self._api.checkout.sessions.create(cast("Any", session), key)))
