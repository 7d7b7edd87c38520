"""Customers and their payment methods at Stripe."""

from __future__ import annotations

from typing import Any, cast

from billing.stripe_gateway.client import MOST, Object, StripeClient, call, key_of, plain


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
        wish = cast("Any", {"customer": customer_id, "limit": MOST})
        found = call(lambda: self._api.payment_methods.list(wish))
        return [plain(one) for one in found.data]

    def set_default_method(
        self, customer_id: str, subscription_id: str | None, method_id: str
    ) -> None:
        """Pay with this method from now on."""
        settings = {"invoice_settings": {"default_payment_method": method_id}}
        self.update_customer(customer_id, settings)
        if subscription_id is not None:
            wish = cast("Any", {"default_payment_method": method_id})
            call(lambda: self._api.subscriptions.update(subscription_id, wish))

    def detach_method(self, method_id: str) -> None:
        """Forget a payment method."""
        call(lambda: self._api.payment_methods.detach(method_id))
