"""What a subscription is billed: periods, usage, and what a payment makes of it."""

from __future__ import annotations

from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.invoices import finalize, make_invoice
from local_emulator.providers.stripe.items import ALIVE, held, period_of
from local_emulator.providers.stripe.lines import line
from local_emulator.providers.stripe.payments import pay
from local_emulator.providers.stripe.records import Object
from local_emulator.providers.stripe.usage_lines import metered_lines


def period_lines(
    stripe: StripeEmulator, subscription: Object, metered: tuple[int, int] | None
) -> list[Object]:
    """A period that begins, and what was used in the one that ended."""
    if subscription["status"] == "trialing":
        return []
    lines: list[Object] = list(subscription.pop("emulator_pending", []))
    period = period_of(subscription)
    for one in held(subscription):
        amount = one.price["unit_amount"] * one.quantity
        lines.append(line(stripe, one, amount, period, one.named(stripe)))
    if metered is not None:
        lines += metered_lines(stripe, subscription, metered)
    return lines


def bill(stripe: StripeEmulator, subscription: Object, reason: str, lines: list[Object]) -> None:
    if not lines and subscription["status"] != "trialing":
        return
    customer = stripe.records.get("customer", subscription["customer"])
    invoice = make_invoice(stripe, customer, lines, reason, subscription)
    finalize(stripe, invoice)
    subscription["latest_invoice"] = invoice["id"]
    paid = pay(stripe, invoice)
    if reason == "subscription_create" and not paid:
        subscription["status"] = "incomplete"
        invoice["next_payment_attempt"] = None
        return
    if reason != "subscription_create":
        after_payment(stripe, invoice, paid)


def bill_usage(stripe: StripeEmulator, subscription: Object) -> None:
    period = period_of(subscription)
    lines = [
        *subscription.pop("emulator_pending", []),
        *metered_lines(stripe, subscription, period),
    ]
    if any(one["amount"] for one in lines):
        bill(stripe, subscription, "subscription_cycle", lines)


def after_payment(stripe: StripeEmulator, invoice: Object, paid: bool) -> None:
    """What a payment, or a failure of one, makes of the subscription."""
    subscription = stripe.records.find(
        "subscription", invoice["parent"]["subscription_details"]["subscription"]
    )
    if subscription is None or subscription["status"] not in ALIVE:
        return
    former = subscription["status"]
    if paid and former in {"incomplete", "past_due", "unpaid"}:
        subscription["status"] = "active"
    elif not paid and former in {"active", "past_due"}:
        is_last = invoice["next_payment_attempt"] is None
        subscription["status"] = "unpaid" if is_last else "past_due"
    if subscription["status"] != former:
        stripe.happened("customer.subscription.updated", subscription, {"status": former})
