"""Subscription schedules: what a subscription is to become when its period ends.

https://docs.stripe.com/billing/subscriptions/subscription-schedules
"""

from __future__ import annotations

from typing import Any, cast

from billing.accounts.change_requests import ScheduledChange
from billing.stripe_gateway.client import Object, StripeClient, call, key_of, plain

KEPT = ("currency", "default_payment_method", "discounts", "trial_end")
"""What of the current phase is sent back as it is, where it is there."""
GOES_ON = ("automatic_tax", "default_tax_rates", "discounts")
"""What the next phase has as well: what a phase does not name ends with the one before."""


class ScheduleCalls(StripeClient):
    """Changes that wait for the end of a period."""

    def schedule(self, schedule_id: str) -> Object:
        """A schedule by its id."""
        return plain(call(lambda: self._api.subscription_schedules.retrieve(schedule_id)))

    def schedule_change(self, later: ScheduledChange, key: str) -> Object:
        """Have a subscription become something else when its period ends; returns the schedule.

        Two calls, as Stripe wants it: a schedule is made of the subscription as it is, and then
        gets a second phase. Afterwards it lets go of the subscription, which goes on by itself.
        """
        made = later.schedule_id or self._begin(later.subscription_id, key)
        current = self.schedule(made)["phases"]
        phase = next(one for one in current if one["end_date"] > later.now)
        params = {
            "end_behavior": "release",
            "proration_behavior": "none",
            "phases": [
                {
                    **_as_sent(phase),
                    "start_date": phase["start_date"],
                    "end_date": phase["end_date"],
                },
                {
                    **{name: one for name, one in _as_sent(phase).items() if name in GOES_ON},
                    "items": list(later.items),
                    "metadata": dict(later.metadata),
                    "proration_behavior": "none",
                    "duration": {"interval": later.interval, "interval_count": 1},
                },
            ],
        }
        changed = call(
            lambda: self._api.subscription_schedules.update(
                made, cast("Any", params), key_of(f"{key}:phases")
            )
        )
        return plain(changed)

    def release_schedule(self, schedule_id: str) -> None:
        """Let a subscription go on as it is; what was to come does not come."""
        call(lambda: self._api.subscription_schedules.release(schedule_id))

    def _begin(self, subscription_id: str, key: str) -> str:
        params = cast("Any", {"from_subscription": subscription_id})
        return call(lambda: self._api.subscription_schedules.create(params, key_of(key))).id


def _as_sent(phase: Object) -> Object:
    """A phase as the API takes it again: its items, and what holds beside them."""
    items = [
        {name: one[name] for name in ("price", "quantity") if one.get(name) is not None}
        for one in phase["items"]
    ]
    kept = {name: phase[name] for name in KEPT if phase.get(name)}
    if "discounts" in kept:
        kept["discounts"] = [
            {name: one[name] for name in ("coupon", "discount", "promotion_code") if one.get(name)}
            for one in kept["discounts"]
        ]
    if (phase.get("automatic_tax") or {}).get("enabled"):
        kept["automatic_tax"] = {"enabled": True}
    if phase.get("default_tax_rates"):
        kept["default_tax_rates"] = [one["id"] for one in phase["default_tax_rates"]]
    return {"items": items, "metadata": phase.get("metadata") or {}, **kept}
