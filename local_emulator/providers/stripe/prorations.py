"""What a change costs for the rest of a period, and what the next one will."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from local_emulator.providers.stripe.billing import waiting_lines
from local_emulator.providers.stripe.discounts import lasting_price, paid_price
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import required
from local_emulator.providers.stripe.forms import number, truth
from local_emulator.providers.stripe.invoices import make_invoice
from local_emulator.providers.stripe.items import held, period_of, rhythm
from local_emulator.providers.stripe.lines import Charge, line
from local_emulator.providers.stripe.moments import boundary
from local_emulator.providers.stripe.records import Object
from local_emulator.providers.stripe.subscription_terms import try_terms
from local_emulator.providers.stripe.totals import ending_balance
from local_emulator.providers.stripe.usage_lines import metered_lines


def preview(stripe: StripeEmulator, params: Object) -> Object:
    """``POST /v1/invoices/create_preview``: what a change, or the next renewal, will cost."""
    subscription = stripe.records.get("subscription", params.get("subscription"), "subscription")
    customer = stripe.records.get("customer", subscription["customer"])
    details = params.get("subscription_details") or {}
    subscription = try_terms(stripe, subscription, params)
    if details.get("items"):
        moment = number(details.get("proration_date"), stripe.now(customer["id"]))
        lines = prorations(stripe, subscription, details["items"], moment)
        lines += other_rhythm(stripe, subscription, details["items"], moment)
        if details.get("proration_behavior") != "always_invoice":
            ahead = wished(stripe, subscription, details["items"])
            lines += next_lines(stripe, subscription, ahead)
    else:
        lines = next_lines(stripe, subscription, held(subscription))
    lines += waiting_lines(stripe, subscription)
    period = period_of(subscription)
    invoice = make_invoice(stripe, customer, lines, "upcoming", subscription, period)
    invoice["id"] = stripe.records.new_id("upcoming_in")
    invoice["ending_balance"] = ending_balance(invoice)
    return invoice


def wished(stripe: StripeEmulator, subscription: Object, items: list[Object]) -> list[Charge]:
    """What would be paid ahead after a change."""
    found = {one["id"]: one for one in subscription["items"]["data"]}
    ahead = {one.item["id"]: one for one in held(subscription) if one.item is not None}
    for at, given in enumerate(items):
        item = found.get(given.get("id") or "")
        if truth(given.get("deleted")):
            ahead.pop(given["id"], None)
            continue
        price = stripe.records.get("price", given["price"]) if given.get("price") else None
        price = price or (item["price"] if item else None)
        if price is None:
            raise required(f"items[{at}][price]")
        before = item.get("quantity", 1) if item else 1
        if price["recurring"]["usage_type"] == "licensed":
            quantity = number(given.get("quantity"), before)
            ahead[given.get("id") or f"new{at}"] = Charge(price, quantity, item)
    return list(ahead.values())


def prorations(
    stripe: StripeEmulator, subscription: Object, items: list[Object], moment: int
) -> list[Object]:
    """The rest of the period: credited at the old price, charged at the new one."""
    if subscription["status"] == "trialing":
        return []
    start, end = period_of(subscription)
    part = Decimal(max(0, end - moment)) / Decimal(end - start)
    rest = (moment, end)
    lines = []
    for one in held(subscription):
        amount = -part_of(paid_price(one), part)
        text = f"Unused time on {one.named(stripe)}"
        lines.append(line(stripe, one, amount, rest, text, is_proration=True))
    for one in wished(stripe, subscription, items):
        if one.price["recurring"]["interval"] != rhythm(subscription)[0]:
            continue  # Another rhythm begins a period of its own.
        amount = part_of(lasting_price(stripe, subscription, one), part)
        text = f"Remaining time on {one.named(stripe)}"
        lines.append(line(stripe, one, amount, rest, text, is_proration=True))
    return lines


def other_rhythm(
    stripe: StripeEmulator, subscription: Object, items: list[Object], moment: int
) -> list[Object]:
    """The first period of another rhythm, which begins with the change."""
    if subscription["status"] == "trialing":
        return []
    lines = []
    for one in wished(stripe, subscription, items):
        recurring = one.price["recurring"]
        if recurring["interval"] != rhythm(subscription)[0]:
            end = boundary(moment, recurring["interval"], recurring["interval_count"], 1)
            amount = one.price["unit_amount"] * one.quantity
            lines.append(line(stripe, one, amount, (moment, end), one.named(stripe)))
    return lines


def part_of(amount: int, part: Decimal) -> int:
    return int((Decimal(amount) * part).quantize(Decimal(1), ROUND_HALF_UP))


def next_lines(stripe: StripeEmulator, subscription: Object, held: list[Charge]) -> list[Object]:
    start, end = period_of(subscription)
    lines: list[Object] = []
    for one in held:
        recurring = one.price["recurring"]
        after = boundary(end, recurring["interval"], recurring["interval_count"], 1)
        amount = one.price["unit_amount"] * one.quantity
        lines.append(line(stripe, one, amount, (end, after), one.named(stripe)))
    return lines + metered_lines(stripe, subscription, (start, end))
