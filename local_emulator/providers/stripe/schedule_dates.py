"""Dates of subscription schedules: a phase ends, and the next one begins."""

from __future__ import annotations

from local_emulator.providers.stripe.changes import change_item, change_items, keep_usage
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.items import ALIVE, period_of, rhythm
from local_emulator.providers.stripe.records import Object
from local_emulator.providers.stripe.subscription_terms import take_terms


def due(_stripe: StripeEmulator, schedule: Object) -> int | None:
    """When the phase that a schedule is in ends."""
    return int(current(schedule)["end_date"]) if schedule["status"] == "active" else None


def act(stripe: StripeEmulator, schedule: Object, moment: int) -> None:
    """Begin the next phase; after the last one let the subscription go, or end it."""
    subscription = stripe.records.find("subscription", schedule["subscription"])
    if subscription is None or subscription["status"] not in ALIVE:
        let_go(stripe, schedule)
        return
    coming = [one for one in schedule["phases"] if one["start_date"] >= moment]
    if coming:
        enter(stripe, schedule, coming[0], moment)
        set_current(schedule, coming[0])
        stripe.happened("subscription_schedule.updated", schedule)
        stripe.happened("customer.subscription.updated", subscription, {})
        return
    if schedule["end_behavior"] == "cancel":
        complete(stripe, schedule)
        subscription["cancel_at"] = moment
        return
    let_go(stripe, schedule)


def enter(stripe: StripeEmulator, schedule: Object, phase: Object, moment: int) -> None:
    """Make of a subscription what a phase says, from this moment on."""
    subscription = stripe.records.get("subscription", schedule["subscription"])
    wish = _wish(subscription, phase)
    take_terms(stripe, subscription, phase)
    if phase["default_payment_method"]:
        subscription["default_payment_method"] = phase["default_payment_method"]
    if period_of(subscription)[1] > moment:
        behaviour = phase["proration_behavior"]
        change = {"items": wish, "proration_behavior": behaviour, "proration_date": moment}
        change_items(stripe, subscription, change)
    else:
        # The renewal follows in the same moment, so that nothing is left to prorate.
        former = rhythm(subscription)
        keep_usage(stripe, subscription, wish, moment)
        for given in wish:
            change_item(stripe, subscription, given)
        if rhythm(subscription) != former or phase["billing_cycle_anchor"] == "phase_start":
            subscription["billing_cycle_anchor"] = moment
    subscription["metadata"] |= phase["metadata"]


def let_go(stripe: StripeEmulator, schedule: Object) -> None:
    """Release a schedule from its subscription."""
    subscription = stripe.records.find("subscription", schedule["subscription"])
    schedule["status"], schedule["current_phase"] = "released", None
    schedule["released_at"] = stripe.now(schedule["customer"])
    schedule["released_subscription"], schedule["subscription"] = schedule["subscription"], None
    if subscription is not None:
        subscription["schedule"] = None
    stripe.happened("subscription_schedule.released", schedule)


def complete(stripe: StripeEmulator, schedule: Object) -> None:
    """End a schedule together with its subscription."""
    schedule["status"], schedule["current_phase"] = "completed", None
    schedule["completed_at"] = stripe.now(schedule["customer"])
    stripe.happened("subscription_schedule.completed", schedule)


def current(schedule: Object) -> Object:
    """The phase that a schedule is in."""
    start = schedule["current_phase"]["start_date"]
    found: Object = next(one for one in schedule["phases"] if one["start_date"] == start)
    return found


def set_current(schedule: Object, phase: Object) -> None:
    """Note the phase that a schedule is in."""
    schedule["current_phase"] = {name: phase[name] for name in ("end_date", "start_date")}


def _wish(subscription: Object, phase: Object) -> list[Object]:
    """The change of items that makes a subscription what a phase says."""
    left = list(subscription["items"]["data"])
    wish: list[Object] = []
    new: list[Object] = []
    for given in phase["items"]:
        same = next((one for one in left if one["price"]["id"] == given["price"]), None)
        if same is None:
            new.append(given)
            continue
        left.remove(same)
        wish.append({"id": same["id"], "quantity": given.get("quantity")})
    for given in new:
        ahead = "quantity" in given
        other = next((one for one in left if ("quantity" in one) is ahead and ahead), None)
        change = {"price": given["price"], "quantity": given.get("quantity")}
        if other is not None:
            left.remove(other)
            change["id"] = other["id"]
        wish.append({k: v for k, v in change.items() if v is not None})
    return [*wish, *({"id": one["id"], "deleted": "true"} for one in left)]
