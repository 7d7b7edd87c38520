"""Subscriptions at Stripe."""

from __future__ import annotations

from typing import Any, cast

from billing.accounts.change_requests import Change
from billing.stripe_gateway.client import MOST, Object, StripeClient, call, key_of, plain
from billing.stripe_gateway.taxes import tax_params


class SubscriptionCalls(StripeClient):
    """What is paid again and again."""

    def subscriptions(self, customer_id: str) -> list[Object]:
        """All subscriptions of a customer, those that ended included, the newest first."""
        expand = ["data.discounts.promotion_code", "data.discounts.source.coupon"]
        given = {"customer": customer_id, "status": "all", "limit": MOST, "expand": expand}
        params = cast("Any", given)
        found = call(lambda: self._api.subscriptions.list(params))
        return [plain(one) for one in found.data]

    def create_subscription(self, subscription: Object, key: str) -> Object:
        """Begin a subscription without a page of Stripe's, such as one that is invoiced."""
        params = cast("Any", subscription)
        return plain(call(lambda: self._api.subscriptions.create(params, key_of(key))))

    def preview(self, change: Change) -> Object:
        """What a change costs at once, and what the next period will."""
        details: Object = {
            "items": list(change.items),
            "proration_behavior": "always_invoice",
            "proration_date": change.proration_date,
        }
        params: Object = {
            "subscription": change.subscription_id,
            "subscription_details": details,
            "expand": ["total_discount_amounts.discount.source.coupon"],
        }
        tax = tax_params(change.tax)
        if tax:
            params["automatic_tax"] = tax["automatic_tax"]
            details["default_tax_rates"] = tax["default_tax_rates"]
        return plain(call(lambda: self._api.invoices.create_preview(cast("Any", params))))

    def change(self, change: Change, key: str) -> Object:
        """Change a subscription's items, and pay or credit the difference at once.

        What cannot be paid at once waits as ``pending_update``, and changes nothing meanwhile.
        """
        params = {
            "items": list(change.items),
            "proration_behavior": "always_invoice",
            "proration_date": change.proration_date,
            "payment_behavior": "pending_if_incomplete",
            "metadata": dict(change.metadata),
        }
        made = call(
            lambda: self._api.subscriptions.update(
                change.subscription_id, cast("Any", params), key_of(key)
            )
        )
        return plain(made)

    def end_with_period(
        self,
        subscription_id: str,
        ends: bool,
        feedback: str | None = None,
        comment: str | None = None,
    ) -> None:
        """Let a subscription end with its period, or go on after all; ``feedback`` is one of
        Stripe's reasons (https://docs.stripe.com/api/subscriptions/update)."""
        params = {"cancel_at_period_end": ends, **_details(feedback, comment)}
        call(lambda: self._api.subscriptions.update(subscription_id, cast("Any", params)))

    def cancel(
        self, subscription_id: str, feedback: str | None = None, comment: str | None = None
    ) -> None:
        """End a subscription at once; nothing is credited, and nothing more is billed."""
        params = cast("Any", _details(feedback, comment))
        call(lambda: self._api.subscriptions.cancel(subscription_id, params))

    def end_trial(self, subscription_id: str) -> None:
        """Let a trial end now: the first period begins, and is paid."""
        params = cast("Any", {"trial_end": "now"})
        call(lambda: self._api.subscriptions.update(subscription_id, params))

    def resume(self, subscription_id: str) -> None:
        """Let a paused subscription go on, once the invoice is paid that is made by this; its first
        period begins now."""
        given = {
            "billing_cycle_anchor": "now",
            "payment_behavior": "resume_on_payment_success",
        }
        params = cast("Any", given)
        call(lambda: self._api.subscriptions.resume(subscription_id, params))


def _details(feedback: str | None, comment: str | None) -> Object:
    given = {"feedback": feedback, "comment": comment}
    told = {name: value for name, value in given.items() if value is not None}
    return {"cancellation_details": told} if told else {}
