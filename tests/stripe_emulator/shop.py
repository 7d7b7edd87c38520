"""A shop at the emulated Stripe: prices, and a customer whose clock is moved."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import stripe


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


class Shop:
    """A product with a monthly, a dearer monthly and a yearly price, and a customer with a card."""

    def __init__(
        self, client: stripe.StripeClient, begins: str = "2026-01-15", currency: str = "eur"
    ) -> None:
        self.v1 = client.v1
        self.clock = self.v1.test_helpers.test_clocks.create({"frozen_time": at(begins)})
        self.product = self.v1.products.create({"name": "Pro"})
        self.pro = self.price(2000, currency=currency)
        self.team = self.price(5000, currency=currency)
        self.year = self.price(20000, "year", currency=currency)
        self.customer = self.v1.customers.create(
            {"email": "ada@example.com", "test_clock": self.clock.id}
        )
        self.use("pm_card_visa")

    def price(self, amount: int, interval: Any = "month", currency: str = "eur") -> stripe.Price:
        return self.v1.prices.create(
            {
                "product": self.product.id,
                "currency": currency,
                "unit_amount": amount,
                "recurring": {"interval": interval},
            }
        )

    def use(self, card: str) -> None:
        method = self.v1.payment_methods.attach(card, {"customer": self.customer.id})
        settings: Any = {"invoice_settings": {"default_payment_method": method.id}}
        self.v1.customers.update(self.customer.id, settings)

    def subscribe(self, price: stripe.Price, **more: Any) -> stripe.Subscription:
        wish: Any = {"customer": self.customer.id, "items": [{"price": price.id}], **more}
        return self.v1.subscriptions.create(wish)

    def change(self, subscription: stripe.Subscription, price: stripe.Price, **more: Any) -> Any:
        item = subscription["items"]["data"][0]["id"]
        wish: Any = {"items": [{"id": item, "price": price.id}], **more}
        return self.v1.subscriptions.update(subscription.id, wish)

    def advance(self, text: str) -> None:
        self.v1.test_helpers.test_clocks.advance(self.clock.id, {"frozen_time": at(text)})

    def read(self, subscription: stripe.Subscription) -> Any:
        return self.v1.subscriptions.retrieve(subscription.id)

    def totals(self) -> list[int]:
        found = self.v1.invoices.list({"customer": self.customer.id, "limit": 100})
        return [one.total for one in reversed(found.data)]

    def metered(self, unit: str) -> stripe.Price:
        """A price of what is reported with ``report``."""
        meter = self.v1.billing.meters.create(
            {
                "display_name": "Executions",
                "event_name": "executions",
                "default_aggregation": {"formula": "sum"},
            }
        )
        wish: Any = {
            "product": self.product.id,
            "currency": "eur",
            "unit_amount_decimal": unit,
            "recurring": {"interval": "month", "usage_type": "metered", "meter": meter.id},
        }
        return self.v1.prices.create(wish)

    def report(self, value: str) -> None:
        """Report usage of now."""
        event: Any = {
            "event_name": "executions",
            "payload": {"stripe_customer_id": self.customer.id, "value": value},
        }
        self.v1.billing.meter_events.create(event)
