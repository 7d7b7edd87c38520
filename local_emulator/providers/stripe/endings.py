"""The ends of subscriptions: at once, with or without a last invoice; and of their schedules.

https://docs.stripe.com/billing/subscriptions/cancel
"""

from __future__ import annotations

from typing import Any

from local_emulator.providers.stripe.billing import bill
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure
from local_emulator.providers.stripe.forms import number, truth
from local_emulator.providers.stripe.invoice_items import add_proration
from local_emulator.providers.stripe.items import period_of
from local_emulator.providers.stripe.lifecycle import end
from local_emulator.providers.stripe.prorations import unused
from local_emulator.providers.stripe.records import Object
from local_emulator.providers.stripe.usage_lines import metered_lines

FEEDBACK = frozenset(
    {
        "customer_service",
        "low_quality",
        "missing_features",
        "other",
        "switched_service",
        "too_complex",
        "too_expensive",
        "unused",
    }
)


def cancel_now(stripe: StripeEmulator, subscription: Object, params: Object) -> None:
    """End a subscription at once.

    ``prorate`` credits what is left of the period; ``invoice_now`` bills usage and what waits.
    """
    now = stripe.now(subscription["customer"])
    if truth(params.get("prorate")):
        for one in unused(stripe, subscription, now):
            add_proration(stripe, subscription, one)
    if truth(params.get("invoice_now")) and subscription["status"] != "trialing":
        start = period_of(subscription)[0]
        lines = metered_lines(stripe, subscription, (start, now))
        bill(stripe, subscription, "subscription_update", lines, (start, now))
    set_details(subscription, params.get("cancellation_details"))
    end(stripe, subscription, {"reason": "cancellation_requested"})


def end_later(stripe: StripeEmulator, subscription: Object, params: Object) -> None:
    """Let a subscription end with its period or at a moment, or go on after all."""
    period_end = period_of(subscription)[1]
    at: int | None = None
    if truth(params.get("cancel_at_period_end")):
        if params.get("cancel_at"):
            message = "You may only specify one of these parameters: cancel_at_period_end."
            raise StripeFailure(message, param="cancel_at")
        at = period_end
    elif params.get("cancel_at") in {"min_period_end", "max_period_end"}:
        at = period_end
    elif params.get("cancel_at"):
        at = number(params["cancel_at"])
        if at <= stripe.now(subscription["customer"]):
            message = "Invalid timestamp: must be in the future."
            raise StripeFailure(message, param="cancel_at")
    subscription["cancel_at_period_end"] = truth(params.get("cancel_at_period_end"))
    subscription["cancel_at"] = at
    subscription["canceled_at"] = None if at is None else stripe.now(subscription["customer"])
    reason = None if at is None else "cancellation_requested"
    subscription["cancellation_details"]["reason"] = reason


def set_details(subscription: Object, given: Any) -> None:
    """Note why somebody cancelled: ``comment`` and ``feedback``."""
    if not given:
        return
    feedback = given.get("feedback")
    if feedback is not None and feedback not in FEEDBACK:
        name = "cancellation_details[feedback]"
        raise StripeFailure(f"Invalid {name}: must be one of {sorted(FEEDBACK)}", param=name)
    for name in ("comment", "feedback"):
        if name in given:
            subscription["cancellation_details"][name] = given[name]
