"""What a subscription is made of, and the period that it is in."""

from __future__ import annotations

from local_emulator.providers.stripe.lines import Charge
from local_emulator.providers.stripe.moments import period_at
from local_emulator.providers.stripe.records import Object

ALIVE = frozenset({"trialing", "active", "past_due", "unpaid", "paused", "incomplete"})


def licensed(subscription: Object) -> Object:
    """The item that the period follows: what is paid ahead, or the first."""
    items: list[Object] = subscription["items"]["data"]
    ahead = [one for one in items if "quantity" in one]
    return (ahead or items)[0]


def rhythm(subscription: Object) -> tuple[str, int]:
    recurring = licensed(subscription)["price"]["recurring"]
    return recurring["interval"], recurring["interval_count"]


def period_of(subscription: Object) -> tuple[int, int]:
    item = licensed(subscription)
    return item["current_period_start"], item["current_period_end"]


def set_period(subscription: Object, moment: int, trial_end: int | None) -> None:
    anchor = subscription["billing_cycle_anchor"]
    period = (moment, trial_end) if trial_end else period_at(anchor, *rhythm(subscription), moment)
    for item in subscription["items"]["data"]:
        item["current_period_start"], item["current_period_end"] = period
    if subscription["cancel_at_period_end"]:
        # It ends with its period, whichever that is after a change.
        subscription["cancel_at"] = period_of(subscription)[1]


def held(subscription: Object) -> list[Charge]:
    """What is paid ahead."""
    items = subscription["items"]["data"]
    return [Charge(one["price"], one["quantity"], one) for one in items if "quantity" in one]
