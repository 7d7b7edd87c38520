"""When the periods of a subscription begin: at first, after a trial, and set anew.

https://docs.stripe.com/billing/subscriptions/billing-cycle
"""

from __future__ import annotations

from decimal import Decimal

from local_emulator.providers.stripe.billing import bill, period_lines
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure
from local_emulator.providers.stripe.forms import number
from local_emulator.providers.stripe.items import held, period_of, rhythm, set_period
from local_emulator.providers.stripe.lifecycle import end_trial
from local_emulator.providers.stripe.lines import line
from local_emulator.providers.stripe.moments import boundary
from local_emulator.providers.stripe.prorations import part_of, unused
from local_emulator.providers.stripe.records import Object


def first_lines(stripe: StripeEmulator, subscription: Object, params: Object) -> list[Object]:
    """Let the first period begin; what it costs, which is a part of it before a later anchor."""
    now, anchor = subscription["created"], subscription["billing_cycle_anchor"]
    if subscription["status"] == "trialing" or anchor <= now:
        set_period(subscription, now, subscription["trial_end"])
        return period_lines(stripe, subscription, None)
    interval, count = rhythm(subscription)
    whole = anchor - boundary(anchor, interval, count, -1)
    if anchor - now > whole:
        message = "billing_cycle_anchor cannot be later than the next natural billing date."
        raise StripeFailure(message, param="billing_cycle_anchor")
    set_period(subscription, now, anchor)
    if params.get("proration_behavior") == "none":
        return []
    part = Decimal(anchor - now) / Decimal(whole)
    return [
        line(
            stripe,
            one,
            part_of(one.price["unit_amount"] * one.quantity, part),
            (now, anchor),
            one.named(stripe),
            is_proration=True,
        )
        for one in held(subscription)
    ]


def set_trial_end(stripe: StripeEmulator, subscription: Object, params: Object) -> None:
    """End a trial now, or let it last until another moment; who pays already gets a trial."""
    now = stripe.now(subscription["customer"])
    if params["trial_end"] == "now":
        if subscription["status"] == "trialing":
            end_trial(stripe, subscription, at_once=True)
        return
    until = number(params["trial_end"])
    if until <= now:
        raise StripeFailure("Invalid timestamp: must be in the future.", param="trial_end")
    was_trial, former = subscription["status"] == "trialing", period_of(subscription)
    credited = [] if was_trial else _credits(stripe, subscription, params)
    subscription["status"] = "trialing"
    subscription["trial_start"] = subscription["trial_start"] if was_trial else now
    subscription["trial_end"] = subscription["billing_cycle_anchor"] = until
    set_period(subscription, former[0] if was_trial else now, until)
    if not was_trial:
        lines = [*credited, *period_lines(stripe, subscription, None)]
        bill(stripe, subscription, "subscription_update", lines, (former[0], now))


def reset_anchor(stripe: StripeEmulator, subscription: Object, params: Object) -> None:
    """Begin a period now, which is paid at once less what was left of the former one."""
    if subscription["status"] == "trialing":
        message = "billing_cycle_anchor cannot be changed during a trial."
        raise StripeFailure(message, param="billing_cycle_anchor")
    now, former = stripe.now(subscription["customer"]), period_of(subscription)
    if former[0] == now:
        return
    credited = _credits(stripe, subscription, params)
    subscription["billing_cycle_anchor"] = now
    set_period(subscription, now, None)
    lines = [*credited, *period_lines(stripe, subscription, (former[0], now))]
    bill(stripe, subscription, "subscription_update", lines, (former[0], now))


def resume_subscription(stripe: StripeEmulator, params: Object, subscription_id: str) -> Object:
    """``POST /v1/subscriptions/{id}/resume``: a paused one goes on, and its period is paid."""
    subscription = stripe.records.get("subscription", subscription_id)
    if subscription["status"] != "paused":
        message = "You can only resume a subscription that is paused."
        raise StripeFailure(message)
    now, former = stripe.now(subscription["customer"]), period_of(subscription)
    keeps = (params.get("billing_cycle_anchor") or {}) in ("unchanged", {"type": "unchanged"})
    waits = params.get("payment_behavior") == "resume_on_payment_success"
    subscription["status"] = "active"
    if not keeps:
        subscription["billing_cycle_anchor"] = now
    set_period(subscription, now, None)
    lines = period_lines(stripe, subscription, None)
    bill(
        stripe,
        subscription,
        "subscription_update",
        lines,
        former,
        "finalized" if waits else "collected",
    )
    if waits:
        subscription["status"] = "paused"
    else:
        stripe.happened("customer.subscription.resumed", subscription)
    stripe.happened("customer.subscription.updated", subscription, {"status": "paused"})
    return subscription


def _credits(stripe: StripeEmulator, subscription: Object, params: Object) -> list[Object]:
    if params.get("proration_behavior") == "none":
        return []
    return unused(stripe, subscription, stripe.now(subscription["customer"]))
