"""What happens to subscriptions as time goes by: trials end, periods are renewed."""

from __future__ import annotations

from local_emulator.providers.stripe.billing import after_payment, bill, bill_usage, period_lines
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.items import ALIVE, period_of, set_period
from local_emulator.providers.stripe.payments import pay
from local_emulator.providers.stripe.records import Object

INCOMPLETE_FOR_S = 23 * 3600


def advance(stripe: StripeEmulator, subscription: Object, moment: int) -> int | None:
    """When next something is due for a subscription, at the latest at ``moment``; None: nothing."""
    if subscription["status"] not in ALIVE:
        return None
    due = [period_of(subscription)[1]]
    if subscription["trial_end"] and subscription["status"] == "trialing":
        due.append(subscription["trial_end"])
    invoice = stripe.records.find("invoice", subscription["latest_invoice"])
    if invoice is not None and invoice["next_payment_attempt"]:
        due.append(invoice["next_payment_attempt"])
    if subscription["status"] == "incomplete":
        due = [subscription["created"] + INCOMPLETE_FOR_S]
    soonest = min(due)
    return soonest if soonest <= moment else None


def act(stripe: StripeEmulator, subscription: Object, moment: int) -> None:
    """Do what is due for a subscription at a moment."""
    if subscription["status"] == "incomplete":
        subscription["status"], subscription["ended_at"] = "incomplete_expired", moment
        stripe.happened("customer.subscription.updated", subscription)
        return
    invoice = stripe.records.find("invoice", subscription["latest_invoice"])
    if invoice is not None and invoice["next_payment_attempt"] == moment:
        after_payment(stripe, invoice, pay(stripe, invoice))
    if subscription["status"] == "trialing" and subscription["trial_end"] == moment:
        end_trial(stripe, subscription)
        stripe.happened("customer.subscription.updated", subscription)
        return
    if subscription["status"] in ALIVE and period_of(subscription)[1] == moment:
        _renew(stripe, subscription, moment)


def _renew(stripe: StripeEmulator, subscription: Object, moment: int) -> None:
    if subscription["cancel_at_period_end"]:
        bill_usage(stripe, subscription)
        end(stripe, subscription, {"reason": "cancellation_requested"})
        return
    ended = period_of(subscription)
    set_period(subscription, moment, None)
    bill(stripe, subscription, "subscription_cycle", period_lines(stripe, subscription, ended))
    previous = {"items": {"data": [{"current_period_start": ended[0]}]}}
    stripe.happened("customer.subscription.updated", subscription, previous)


def end_trial(stripe: StripeEmulator, subscription: Object) -> None:
    moment = stripe.now(subscription["customer"])
    customer = stripe.records.get("customer", subscription["customer"])
    has_card = (
        subscription["default_payment_method"]
        or customer["invoice_settings"]["default_payment_method"]
    )
    behaviour = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    if not has_card and behaviour == "cancel":
        end(stripe, subscription, {"reason": "payment_failed"})
        return
    if not has_card and behaviour == "pause":
        subscription["status"] = "paused"
        return
    subscription["status"] = "active"
    subscription["trial_end"] = subscription["billing_cycle_anchor"] = moment
    set_period(subscription, moment, None)
    bill(stripe, subscription, "subscription_cycle", period_lines(stripe, subscription, None))


def end(stripe: StripeEmulator, subscription: Object, details: Object) -> None:
    moment = stripe.now(subscription["customer"])
    subscription["status"] = "canceled"
    subscription["ended_at"] = moment
    subscription["canceled_at"] = subscription["canceled_at"] or moment
    subscription["cancellation_details"] |= details
    stripe.happened("customer.subscription.deleted", subscription)
