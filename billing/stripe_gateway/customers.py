"""Customers and their payment methods at Stripe."""

from __future__ import annotations

from typing import Any, cast

from billing.payments.waiting import bank_transfer_of
from billing.stripe_gateway.client import MOST, Object, StripeClient, call, key_of, plain

TRANSFERS = {"eur": "eu_bank_transfer", "gbp": "gb_bank_transfer", "jpy": "jp_bank_transfer"}


class CustomerCalls(StripeClient):
    """Who pays, and with what."""

    def create_customer(self, customer: Object, key: str) -> str:
        """Make a customer; returns the id."""
        return call(lambda: self._api.customers.create(cast("Any", customer), key_of(key))).id

    def customer(self, customer_id: str) -> Object:
        """Read a customer."""
        return plain(call(lambda: self._api.customers.retrieve(customer_id)))

    def update_customer(self, customer_id: str, changes: Object) -> None:
        """Change what is known of a customer."""
        call(lambda: self._api.customers.update(customer_id, cast("Any", changes)))

    def payment_methods(self, customer_id: str) -> list[Object]:
        """The cards and other methods of a customer."""
        params = cast("Any", {"customer": customer_id, "limit": MOST})
        found = call(lambda: self._api.payment_methods.list(params))
        return [plain(one) for one in found.data]

    def set_default_method(
        self, customer_id: str, subscription_id: str | None, method_id: str
    ) -> None:
        """Pay with this method from now on."""
        settings = {"invoice_settings": {"default_payment_method": method_id}}
        self.update_customer(customer_id, settings)
        if subscription_id is not None:
            params = cast("Any", {"default_payment_method": method_id})
            call(lambda: self._api.subscriptions.update(subscription_id, params))

    def detach_method(self, method_id: str) -> None:
        """Forget a payment method."""
        call(lambda: self._api.payment_methods.detach(method_id))

    def bank_transfer(self, customer_id: str, currency: str) -> Object:
        """Where a customer transfers to, and what came and is on no invoice yet.

        Stripe gives each customer an account of its own, the same at each call
        (https://docs.stripe.com/payments/customer-balance/funding-instructions).
        """
        kind = TRANSFERS.get(currency, "us_bank_transfer")
        transfer: Object = {"type": kind}
        if kind == "eu_bank_transfer":
            transfer[kind] = {"country": "DE"}
        params = {"currency": currency, "funding_type": "bank_transfer", "bank_transfer": transfer}
        api = self._api.customers
        found = plain(
            call(lambda: api.funding_instructions.create(customer_id, cast("Any", params)))
        )
        cash = plain(call(lambda: api.cash_balance.retrieve(customer_id)))
        return bank_transfer_of(found, cash)
