"""What happens to subscriptions as time goes by: trials end, periods are renewed."""

from __future__ import annotations

from local_emulator.providers.stripe.billing import bill, bill_usage, period_lines
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.invoices import subscription_of, void
from local_emulator.providers.stripe.items import ALIVE, period_of, set_period
from local_emulator.providers.stripe.pending_updates import drop, expires_at
from local_emulator.providers.stripe.records import Object

INCOMPLETE_FOR_S = 23 * 3600
TRIAL_WILL_END_S = 3 * 86_400
TOLD = "emulator_told_that_trial_ends"


def due(_stripe: StripeEmulator, subscription: Object) -> int | None:
    """When next something is due for a subscription; None: nothing."""
    status = subscription["status"]
    if status not in ALIVE or status == "paused":
        return None
    if status == "incomplete":
        return int(subscription["created"]) + INCOMPLETE_FOR_S
    dates: list[int] = [period_of(subscription)[1]]
    if subscription["trial_end"] and status == "trialing":
        dates.append(subscription["trial_end"])
        if not subscription.get(TOLD):
            dates.append(max(subscription["trial_end"] - TRIAL_WILL_END_S, subscription["created"]))
    if subscription["cancel_at"]:
        dates.append(subscription["cancel_at"])
    if (moment := expires_at(subscription)) is not None:
        dates.append(moment)
    return min(dates)


def act(stripe: StripeEmulator, subscription: Object, moment: int) -> None:
    """Do what is due for a subscription at a moment."""
    if subscription["status"] == "incomplete":
        expire(stripe, subscription, moment)
        return
    if (expires := expires_at(subscription)) is not None and expires <= moment:
        drop(stripe, subscription)
        return
    is_trial = subscription["status"] == "trialing"
    if is_trial and not subscription.get(TOLD) and moment < subscription["trial_end"]:
        subscription[TOLD] = True
        stripe.happened("customer.subscription.trial_will_end", subscription)
        return
    ends = subscription["cancel_at_period_end"] and period_of(subscription)[1] <= moment
    if ends or (subscription["cancel_at"] and subscription["cancel_at"] <= moment):
        bill_usage(stripe, subscription)
        end(stripe, subscription, {"reason": "cancellation_requested"})
        return
    if is_trial:
        end_trial(stripe, subscription, at_once=False)
        stripe.happened("customer.subscription.updated", subscription, {"status": "trialing"})
        return
    _renew(stripe, subscription, moment)


def _renew(stripe: StripeEmulator, subscription: Object, moment: int) -> None:
    ended = period_of(subscription)
    set_period(subscription, moment, None)
    lines = period_lines(stripe, subscription, ended)
    bill(stripe, subscription, "subscription_cycle", lines, ended, "draft")
    previous = {"items": {"data": [{"current_period_start": ended[0]}]}}
    stripe.happened("customer.subscription.updated", subscription, previous)


def expire(stripe: StripeEmulator, subscription: Object, moment: int) -> None:
    """End a subscription whose first payment never came."""
    subscription["status"], subscription["ended_at"] = "incomplete_expired", moment
    invoice = stripe.records.find("invoice", subscription["latest_invoice"])
    if invoice is not None and invoice["status"] == "open":
        void(stripe, invoice)
    stripe.happened("customer.subscription.updated", subscription, {"status": "incomplete"})


def end_trial(stripe: StripeEmulator, subscription: Object, *, at_once: bool) -> None:
    """End a trial now: with its first period, or without a card as the trial's settings say."""
    moment = stripe.now(subscription["customer"])
    customer = stripe.records.get("customer", subscription["customer"])
    has_card = (
        subscription["default_payment_method"]
        or customer["invoice_settings"]["default_payment_method"]
        or subscription["collection_method"] == "send_invoice"
    )
    behaviour = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    trial = period_of(subscription)
    if not has_card and behaviour == "cancel":
        end(stripe, subscription, {"reason": "payment_failed"})
        return
    if not has_card and behaviour == "pause":
        subscription["status"] = "paused"
        stripe.happened("customer.subscription.paused", subscription)
        return
    subscription["status"] = "active"
    subscription["trial_end"] = subscription["billing_cycle_anchor"] = moment
    set_period(subscription, moment, None)
    lines = period_lines(stripe, subscription, None)
    reason = "subscription_update" if at_once else "subscription_cycle"
    bill(stripe, subscription, reason, lines, trial, "collected" if at_once else "draft")


def end(stripe: StripeEmulator, subscription: Object, details: Object) -> None:
    """End a subscription now; open invoices of it are collected no more by themselves."""
    moment = stripe.now(subscription["customer"])
    subscription["status"] = "canceled"
    subscription["ended_at"] = moment
    subscription["canceled_at"] = subscription["canceled_at"] or moment
    subscription["cancellation_details"] |= details
    for invoice in stripe.records.of(subscription["customer"], "invoice"):
        if invoice["status"] == "open" and subscription_of(stripe, invoice) is subscription:
            invoice["auto_advance"], invoice["next_payment_attempt"] = False, None
    schedule = stripe.records.find("subscription_schedule", subscription["schedule"])
    if schedule is not None and schedule["status"] == "active":
        schedule["status"], schedule["current_phase"] = "canceled", None
        schedule["canceled_at"] = moment
        stripe.happened("subscription_schedule.canceled", schedule)
    stripe.happened("customer.subscription.deleted", subscription)
