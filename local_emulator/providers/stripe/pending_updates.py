"""Changes of a subscription that wait for their payment.

``payment_behavior=pending_if_incomplete`` (https://docs.stripe.com/billing/subscriptions/pending-updates):
the subscription goes on as it was until the invoice of the change is paid, for 23 hours at most.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure
from local_emulator.providers.stripe.invoice_payments import intent_of
from local_emulator.providers.stripe.invoices import subscription_of, void
from local_emulator.providers.stripe.items import period_of
from local_emulator.providers.stripe.records import Object

VALID_S = 23 * 3600
HELD = "emulator_pending_state"
"""The subscription as it will be once the invoice is paid."""
APPLIED = ("billing_cycle_anchor", "items", "metadata", "trial_end", "status")
SUPPORTED = frozenset(
    {
        *("add_invoice_items", "billing_cycle_anchor", "items", "metadata", "payment_behavior"),
        *("proration_behavior", "proration_date", "trial_end", "trial_from_plan"),
    }
)


def hold_if_unpaid(
    stripe: StripeEmulator, params: Object, subscription: Object, change: Callable[[], object]
) -> None:
    """Make a change, and take it back into ``pending_update`` if its invoice is not paid."""
    for name in params:
        if name not in SUPPORTED:
            raise StripeFailure(
                f"You cannot update `{name}` when `payment_behavior=pending_if_incomplete`.",
                param=name,
            )
    drop(stripe, subscription)
    before = copy.deepcopy(subscription)
    change()
    invoice = stripe.records.find("invoice", subscription["latest_invoice"])
    is_new = subscription["latest_invoice"] != before["latest_invoice"]
    if invoice is None or not is_new or invoice["status"] != "open":
        return
    if intent_of(stripe, invoice)["status"] == "processing":
        return  # It is on its way, and has not failed.
    after = copy.deepcopy(subscription)
    subscription.clear()
    subscription.update(before, latest_invoice=invoice["id"])
    invoice["next_payment_attempt"] = None
    # A trial that is over keeps its end, which would be one of the past.
    is_trial = subscription["status"] == "trialing"
    ends_at = subscription["trial_end"] if is_trial else period_of(subscription)[1]
    soonest = min(ends_at, _latest(stripe, before))
    moved = after["billing_cycle_anchor"] != before["billing_cycle_anchor"]
    subscription["pending_update"] = {
        "billing_cycle_anchor": after["billing_cycle_anchor"] if moved else None,
        "discounts": None,
        "expires_at": soonest,
        "metadata": after["metadata"] if after["metadata"] != before["metadata"] else None,
        "subscription_items": after["items"]["data"],
        "trial_end": None,
        "trial_from_plan": None,
    }
    subscription[HELD] = {name: after[name] for name in APPLIED}


def apply(stripe: StripeEmulator, invoice: Object) -> None:
    """The invoice of a change is paid: the change holds."""
    subscription = subscription_of(stripe, invoice)
    if subscription is None or not waits_for(stripe, invoice):
        return
    subscription.update(subscription.pop(HELD))
    subscription["pending_update"] = None
    stripe.happened("customer.subscription.pending_update_applied", subscription)
    stripe.happened("customer.subscription.updated", subscription, {"items": {}})


def waits_for(stripe: StripeEmulator, invoice: Object) -> bool:
    """Whether a change waits for an invoice to be paid."""
    subscription = subscription_of(stripe, invoice)
    return (
        subscription is not None
        and bool(subscription.get("pending_update"))
        and subscription["latest_invoice"] == invoice["id"]
    )


def drop(stripe: StripeEmulator, subscription: Object) -> None:
    """Give up a change that waits, by voiding its invoice."""
    invoice = stripe.records.find("invoice", subscription["latest_invoice"])
    if subscription.get("pending_update") and invoice is not None:
        void(stripe, invoice)


def expires_at(subscription: Object) -> int | None:
    """When a change that waits is given up."""
    waiting = subscription.get("pending_update")
    return waiting["expires_at"] if waiting else None


def _latest(stripe: StripeEmulator, subscription: Object) -> int:
    return stripe.now(subscription["customer"]) + VALID_S
