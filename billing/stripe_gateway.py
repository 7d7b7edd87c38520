"""The one file that imports Stripe's SDK; everything it gives is plain JSON.

Amounts are in the minor unit of their currency, moments in Unix seconds. Every create carries an
idempotency key (https://docs.stripe.com/api/idempotent_requests), so that a lost answer makes
nothing twice.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar, cast

import stripe

from billing.failures import BadSignature, PaymentRefused, StripeAway, StripeRefused
from billing.wishes import Change, Checkout
from layers.settings import BillingSettings

T = TypeVar("T")
Object = dict[str, Any]
TOLERANCE_S = 300
MOST = 100


class StripeGateway:
    """Stripe's API for one instance. Raises StripeAway, StripeRefused or PaymentRefused."""

    def __init__(self, settings: BillingSettings) -> None:
        self.livemode = settings.livemode
        self._secrets = settings.webhook_secrets
        self._client = stripe.StripeClient(
            settings.stripe_key,
            base_addresses={"api": settings.stripe_base},
            max_network_retries=2,
            http_client=stripe.RequestsClient(timeout=20),
        )
        self._api = self._client.v1
        # It tells of each request, with the ids of customers.
        logging.getLogger("stripe").setLevel(logging.WARNING)

    # What is for sale

    def put_product(self, product_id: str, name: str, description: str) -> None:
        """Make a product, or bring its texts up to date."""
        texts = {"name": name, "description": description}
        try:
            found = _call(lambda: self._api.products.retrieve(product_id))
        except StripeRefused as error:
            if error.status_code != 404:
                raise
            made = cast("Any", {"id": product_id, **texts})
            _call(lambda: self._api.products.create(made, _key(f"product:{product_id}")))
            return
        if (found.name, found.description) != (name, description):
            _call(lambda: self._api.products.update(product_id, cast("Any", texts)))

    def prices(self, lookup_keys: Sequence[str]) -> dict[str, Object]:
        """The prices that there are, by lookup key."""
        found: dict[str, Object] = {}
        for start in range(0, len(lookup_keys), 10):
            keys = list(lookup_keys[start : start + 10])
            wanted = cast("Any", {"lookup_keys": keys, "limit": MOST})
            for price in self._prices(wanted):
                if price.lookup_key:
                    found[price.lookup_key] = _plain(price)
        return found

    def _prices(self, wanted: Any) -> Sequence[stripe.Price]:
        return _call(lambda: self._api.prices.list(wanted)).data

    def create_price(self, price: Object) -> Object:
        """Make a price; its lookup key is its idempotency key, too."""
        key = _key(f"price:{price['lookup_key']}")
        return _plain(_call(lambda: self._api.prices.create(cast("Any", price), key)))

    def meters(self) -> dict[str, str]:
        """The ids of the meters, by event name."""
        found = _call(lambda: self._api.billing.meters.list({"limit": MOST}))
        return {one.event_name: one.id for one in found.auto_paging_iter()}

    def create_meter(self, event_name: str, display_name: str) -> str:
        """Make a meter that sums up; returns its id."""
        wish = {
            "event_name": event_name,
            "display_name": display_name,
            "default_aggregation": {"formula": "sum"},
            "customer_mapping": {"type": "by_id", "event_payload_key": "stripe_customer_id"},
            "value_settings": {"event_payload_key": "value"},
        }
        key = _key(f"meter:{event_name}")
        return _call(lambda: self._api.billing.meters.create(cast("Any", wish), key)).id

    # Customers

    def create_customer(self, customer: Object, key: str) -> str:
        """Make a customer; returns the id."""
        return _call(lambda: self._api.customers.create(cast("Any", customer), _key(key))).id

    def customer(self, customer_id: str) -> Object:
        """Read a customer."""
        return _plain(_call(lambda: self._api.customers.retrieve(customer_id)))

    def update_customer(self, customer_id: str, changes: Object) -> None:
        """Change what is known of a customer."""
        _call(lambda: self._api.customers.update(customer_id, cast("Any", changes)))

    def set_tax_id(self, customer_id: str, kind: str, value: str, key: str) -> None:
        """Give a customer this tax id and no other, such as ``eu_vat`` ``DE123456789``."""
        there = _call(lambda: self._api.customers.tax_ids.list(customer_id)).data
        for one in there:
            if (one.type, one.value) == (kind, value):
                return
            self._remove_tax_id(customer_id, one.id)
        wish = cast("Any", {"type": kind, "value": value})
        _call(lambda: self._api.customers.tax_ids.create(customer_id, wish, _key(key)))

    def _remove_tax_id(self, customer_id: str, tax_id: str) -> None:
        _call(lambda: self._api.customers.tax_ids.delete(customer_id, tax_id))

    def payment_methods(self, customer_id: str) -> list[Object]:
        """The cards and other methods of a customer."""
        wish = cast("Any", {"customer": customer_id, "limit": MOST})
        found = _call(lambda: self._api.payment_methods.list(wish))
        return [_plain(one) for one in found.data]

    def set_default_method(
        self, customer_id: str, subscription_id: str | None, method_id: str
    ) -> None:
        """Pay with this method from now on."""
        settings = {"invoice_settings": {"default_payment_method": method_id}}
        self.update_customer(customer_id, settings)
        if subscription_id is not None:
            wish = cast("Any", {"default_payment_method": method_id})
            _call(lambda: self._api.subscriptions.update(subscription_id, wish))

    def detach_method(self, method_id: str) -> None:
        """Forget a payment method."""
        _call(lambda: self._api.payment_methods.detach(method_id))

    # Pages of Stripe's

    def checkout(self, wish: Checkout, key: str) -> Object:
        """Begin a subscription on Stripe's page."""
        data: Object = {"metadata": dict(wish.metadata)}
        if wish.trial_days:
            data["trial_period_days"] = wish.trial_days
        session = {
            "mode": "subscription",
            "customer": wish.customer_id,
            "client_reference_id": wish.metadata.get("workspace_id"),
            "line_items": list(wish.items),
            "metadata": dict(wish.metadata),
            "subscription_data": data,
            "success_url": wish.success_url,
            "cancel_url": wish.cancel_url,
        }
        made = _call(lambda: self._api.checkout.sessions.create(cast("Any", session), _key(key)))
        return _plain(made)

    def setup(self, customer_id: str, success_url: str, cancel_url: str, key: str) -> Object:
        """Have a payment method entered on Stripe's page (a SetupIntent behind it)."""
        session = {
            "mode": "setup",
            "currency": None,
            "customer": customer_id,
            "payment_method_types": ["card"],
            "success_url": success_url,
            "cancel_url": cancel_url,
        }
        given = cast("Any", {k: v for k, v in session.items() if v is not None})
        return _plain(_call(lambda: self._api.checkout.sessions.create(given, _key(key))))

    def open_sessions(self, customer_id: str) -> list[Object]:
        """The pages of Checkout that a customer has not finished."""
        wish = cast("Any", {"customer": customer_id, "limit": MOST})
        found = _call(lambda: self._api.checkout.sessions.list(wish))
        return [_plain(one) for one in found.data if one.status == "open"]

    def expire_session(self, session_id: str) -> None:
        """Close a page of Checkout: it cannot be paid any more."""
        _call(lambda: self._api.checkout.sessions.expire(session_id))

    def portal(self, customer_id: str, return_url: str) -> str:
        """The address of the customer portal, good for a few minutes."""
        wish = cast("Any", {"customer": customer_id, "return_url": return_url})
        return _call(lambda: self._api.billing_portal.sessions.create(wish)).url

    # Subscriptions

    def subscriptions(self, customer_id: str) -> list[Object]:
        """All subscriptions of a customer, those that ended included, the newest first."""
        wish = cast("Any", {"customer": customer_id, "status": "all", "limit": MOST})
        found = _call(lambda: self._api.subscriptions.list(wish))
        return [_plain(one) for one in found.data]

    def preview(self, change: Change) -> Object:
        """What a change costs at once, and what the next period will."""
        wish = {
            "subscription": change.subscription_id,
            "subscription_details": {
                "items": list(change.items),
                "proration_behavior": "always_invoice",
                "proration_date": change.proration_date,
            },
        }
        return _plain(_call(lambda: self._api.invoices.create_preview(cast("Any", wish))))

    def change(self, change: Change, key: str) -> Object:
        """Change a subscription's items, and pay or credit the difference at once."""
        wish = {
            "items": list(change.items),
            "proration_behavior": "always_invoice",
            "proration_date": change.proration_date,
            "payment_behavior": "error_if_incomplete",
            "metadata": dict(change.metadata),
        }
        made = _call(
            lambda: self._api.subscriptions.update(
                change.subscription_id, cast("Any", wish), _key(key)
            )
        )
        return _plain(made)

    def end_with_period(self, subscription_id: str, ends: bool) -> None:
        """Let a subscription end with its period, or go on after all."""
        wish = cast("Any", {"cancel_at_period_end": ends})
        _call(lambda: self._api.subscriptions.update(subscription_id, wish))

    def cancel(self, subscription_id: str) -> None:
        """End a subscription at once."""
        _call(lambda: self._api.subscriptions.cancel(subscription_id))

    # Invoices and money

    def invoices(self, customer_id: str) -> Iterator[Object]:
        """All invoices of a customer, the newest first."""
        wish = cast("Any", {"customer": customer_id, "limit": MOST})
        found = _call(lambda: self._api.invoices.list(wish))
        pages = found.auto_paging_iter()
        while (one := _call(lambda: next(pages, None))) is not None:
            yield _plain(one)

    def pay_invoice(self, invoice_id: str) -> None:
        """Try to collect an open invoice now."""
        _call(lambda: self._api.invoices.pay(invoice_id))

    def create_credit_note(self, invoice_id: str, amount: int, reason: str, key: str) -> Object:
        """Take back a part of an invoice, onto the customer's balance."""
        wish = cast("Any", {"invoice": invoice_id, "amount": amount, "memo": reason})
        return _plain(_call(lambda: self._api.credit_notes.create(wish, _key(key))))

    def refund(self, invoice_id: str, amount: int | None, key: str) -> Object:
        """Pay back what was paid for an invoice, or a part of it."""
        listing = cast("Any", {"invoice": invoice_id, "limit": 1})
        payments = _call(lambda: self._api.invoice_payments.list(listing)).data
        if not payments or payments[0].payment.payment_intent is None:
            raise StripeRefused("Nothing was paid for this invoice, so nothing can be paid back.")
        intent = payments[0].payment.payment_intent
        wish: Object = {"payment_intent": intent if isinstance(intent, str) else intent.id}
        if amount is not None:
            wish["amount"] = amount
        return _plain(_call(lambda: self._api.refunds.create(cast("Any", wish), _key(key))))

    # Usage and events

    def send_usage(self, event: Object) -> None:
        """Report usage to a meter; ``identifier`` makes it count once."""
        try:
            _call(lambda: self._api.billing.meter_events.create(cast("Any", event)))
        except StripeRefused as error:
            # It came through before, and only the answer was lost.
            if "already exists" not in error.detail:
                raise

    def read_event(self, payload: bytes, signature: str | None) -> Object:
        """An event that Stripe really sent; raises BadSignature.

        Any of the secrets may have signed it, so that they can be changed without a gap
        (https://docs.stripe.com/webhooks#roll-endpoint-secrets).
        """
        for secret in self._secrets:
            try:
                stripe.WebhookSignature.verify_header(
                    payload.decode(), signature or "", secret, TOLERANCE_S
                )
                return cast("Object", json.loads(payload))
            except (stripe.SignatureVerificationError, UnicodeDecodeError):
                continue
            except ValueError as error:
                raise BadSignature("The event's body is not JSON.") from error
        raise BadSignature


def _key(key: str) -> stripe.RequestOptions:
    return {"idempotency_key": f"treadle:{key}"}


def _plain(value: stripe.StripeObject) -> Object:
    return value.to_dict()


def _call(call: Callable[[], T]) -> T:
    try:
        return call()
    except stripe.CardError as error:
        raise PaymentRefused(error.user_message or str(error)) from error
    except (stripe.APIConnectionError, stripe.RateLimitError) as error:
        raise StripeAway from error
    except stripe.AuthenticationError as error:
        raise StripeAway("Stripe does not accept STRIPE_API_KEY; check it.") from error
    except stripe.StripeError as error:
        status = error.http_status or 0
        if status >= 500:
            raise StripeAway from error
        raise StripeRefused(error.user_message or str(error), status_code=status) from error
