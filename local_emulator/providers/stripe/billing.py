"""What a subscription is billed: periods, usage, and what a payment makes of it."""

from __future__ import annotations

from typing import Literal

from local_emulator.providers.stripe import invoice_items
from local_emulator.providers.stripe.cash_balances import apply_cash
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.invoice_payments import intent_of
from local_emulator.providers.stripe.invoices import (
    finalize,
    keep_draft,
    make_invoice,
    subscription_of,
)
from local_emulator.providers.stripe.item_terms import is_incompatible
from local_emulator.providers.stripe.items import ALIVE, held, period_of
from local_emulator.providers.stripe.lines import Charge, line, line_of_item, named_trial
from local_emulator.providers.stripe.payments import pay
from local_emulator.providers.stripe.records import Object
from local_emulator.providers.stripe.usage_lines import metered_lines

Metered = tuple[int, int] | None
Until = Literal["draft", "finalized", "collected"]
ON_SESSION = frozenset({"subscription_create", "subscription_update"})
"""Invoices that come of a call: then the customer is there to be asked."""
WAITS = "emulator_waits"
"""Of a subscription that is made with ``default_incomplete``: nothing is collected by itself."""


def period_lines(stripe: StripeEmulator, subscription: Object, metered: Metered) -> list[Object]:
    """A period that begins, and what was used in the one that ended."""
    period = period_of(subscription)
    if subscription["status"] == "trialing":
        return [_trial_line(stripe, one, period) for one in held(subscription)]
    lines: list[Object] = []
    for one in held(subscription):
        amount = one.price["unit_amount"] * one.quantity
        lines.append(line(stripe, one, amount, period, one.named(stripe)))
    if metered is not None:
        lines += metered_lines(stripe, subscription, metered)
    return lines


def _trial_line(stripe: StripeEmulator, charge: Charge, period: tuple[int, int]) -> Object:
    free = Charge(charge.price, charge.quantity, charge.item, "0")
    return line(stripe, free, 0, period, named_trial(stripe, charge.price))


def bill(
    stripe: StripeEmulator,
    subscription: Object,
    reason: str,
    lines: list[Object],
    period: tuple[int, int] | None = None,
    until: Until = "collected",
) -> None:
    """Make an invoice of these lines and of what waits for one.

    ``until`` says how far it goes at once: a draft is finalised and charged after its hour, one
    that is only finalised waits to be paid. ``period`` is the one that it looks back on.
    """
    waiting = _waiting(stripe, subscription)
    if not lines and not waiting:
        return
    customer = stripe.records.get("customer", subscription["customer"])
    invoice = make_invoice(stripe, customer, lines, reason, subscription, period)
    invoice["auto_advance"] = until == "draft" and subscription["status"] != "unpaid"
    invoice_items.put_on(stripe, invoice, waiting)
    keep_draft(stripe, invoice)
    subscription["latest_invoice"] = invoice["id"]
    if until == "draft":
        return
    finalize(stripe, invoice)
    if until == "collected" or not invoice["amount_due"]:
        collect(stripe, invoice)
    elif reason == "subscription_create":
        subscription["status"] = "incomplete"


def coming_invoice(
    stripe: StripeEmulator, subscription: Object, reason: str, lines: list[Object]
) -> Object:
    """The invoice that ``bill`` would make, which nobody keeps; also of no subscription yet."""
    customer = stripe.records.get("customer", subscription["customer"])
    lines = [*lines, *waiting_lines(stripe, subscription)]
    invoice = make_invoice(stripe, customer, lines, reason, subscription)
    method = subscription["default_payment_method"]
    invoice["default_payment_method"] = invoice["default_payment_method"] or method
    return invoice


def collect(stripe: StripeEmulator, invoice: Object) -> None:
    """Charge what was finalised, or send it, and let the subscription have what follows of it."""
    if invoice["amount_due"] and invoice["collection_method"] == "send_invoice":
        stripe.happened("invoice.sent", invoice)
        apply_cash(stripe, invoice)
        return
    subscription = subscription_of(stripe, invoice)
    if invoice["amount_due"] and subscription and subscription.get(WAITS):
        # Whoever made it pays it, by the intent that its first invoice has.
        intent_of(stripe, invoice)
        paid = False
    else:
        paid = pay(stripe, invoice, off_session=invoice["billing_reason"] not in ON_SESSION)
    if invoice["billing_reason"] == "subscription_create" and not paid and subscription:
        subscription["status"] = "incomplete"
        invoice["next_payment_attempt"] = None
        return
    if invoice["billing_reason"] != "subscription_create":
        after_payment(stripe, invoice, paid)


def bill_usage(stripe: StripeEmulator, subscription: Object) -> None:
    """The last invoice of a subscription that ends with its period."""
    period = period_of(subscription)
    lines = metered_lines(stripe, subscription, period)
    if any(one["amount"] for one in lines) or _waiting(stripe, subscription):
        bill(stripe, subscription, "subscription_cycle", lines, period, "draft")


def after_payment(stripe: StripeEmulator, invoice: Object, paid: bool) -> None:
    """What a payment, or a failure of one, makes of the subscription.

    Only its latest finalized invoice brings one back that is past due or paused, and its latest
    one, which is a draft as long as nobody finalizes it, one that is unpaid
    (https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses).
    """
    subscription = subscription_of(stripe, invoice)
    if subscription is None or subscription["status"] not in ALIVE:
        return
    former = subscription["status"]
    is_latest = _is_latest_finalized(stripe, subscription, invoice)
    if former == "unpaid":
        latest = stripe.records.find("invoice", subscription["latest_invoice"])
        is_latest = latest is None or latest is invoice or latest["status"] == "void"
    is_cleared = is_latest and (invoice["status"] == "paid" or former == "incomplete")
    if paid and is_cleared and former in {"incomplete", "past_due", "unpaid", "paused"}:
        subscription["status"] = "active"
    elif not paid and former in {"active", "past_due"}:
        is_last = invoice["auto_advance"] and invoice["next_payment_attempt"] is None
        subscription["status"] = "unpaid" if is_last else "past_due"
    if subscription["status"] != former:
        stripe.happened("customer.subscription.updated", subscription, {"status": former})


def _is_latest_finalized(stripe: StripeEmulator, subscription: Object, invoice: Object) -> bool:
    """Whether none was finalized later that counts; one that is a draft still does not."""
    others = (
        one
        for one in stripe.records.of(subscription["customer"], "invoice")
        if one is not invoice
        and one["status"] in {"open", "paid", "uncollectible"}
        and subscription_of(stripe, one) is subscription
    )
    return all(_finalized(one) < _finalized(invoice) for one in others)


def _finalized(invoice: Object) -> tuple[int, str]:
    """When it was finalized; those of one second have their numbers in that order."""
    return invoice["status_transitions"]["finalized_at"] or 0, invoice["number"] or ""


def given_up(stripe: StripeEmulator, invoice: Object) -> None:
    """What it makes of a subscription that its last invoice is voided, or held to be lost."""
    subscription = subscription_of(stripe, invoice)
    if subscription is None or not _is_latest_finalized(stripe, subscription, invoice):
        return
    former = subscription["status"]
    if former == "past_due":
        subscription["status"] = "active"
    elif former == "incomplete" and invoice["status"] == "void":
        now = stripe.now(invoice["customer"])
        subscription["status"], subscription["ended_at"] = "incomplete_expired", now
    if subscription["status"] != former:
        stripe.happened("customer.subscription.updated", subscription, {"status": former})


def waiting_lines(stripe: StripeEmulator, subscription: Object) -> list[Object]:
    """What waits for the next invoice of a subscription, as lines."""
    return [line_of_item(stripe, one) for one in _waiting(stripe, subscription)]


def _waiting(stripe: StripeEmulator, subscription: Object) -> list[Object]:
    customer = stripe.records.get("customer", subscription["customer"])
    currency = subscription["currency"]
    found = invoice_items.pending_for(stripe, customer, subscription, currency)
    if subscription["automatic_tax"]["enabled"]:
        return [one for one in found if not is_incompatible(one)]
    return found
