"""What a change costs for the rest of a period, and what the next one will."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from local_emulator.providers.stripe.billing import waiting_lines
from local_emulator.providers.stripe.discounts import lasting_price, paid_price
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure, required
from local_emulator.providers.stripe.forms import number, truth
from local_emulator.providers.stripe.invoices import make_invoice
from local_emulator.providers.stripe.items import held, period_of, rhythm
from local_emulator.providers.stripe.lines import Charge, line
from local_emulator.providers.stripe.moments import boundary
from local_emulator.providers.stripe.records import Object
from local_emulator.providers.stripe.subscription_terms import try_terms
from local_emulator.providers.stripe.totals import ending_balance
from local_emulator.providers.stripe.usage_lines import item_lines, metered_lines


def preview(stripe: StripeEmulator, params: Object) -> Object:
    """``POST /v1/invoices/create_preview``: what a change, or the next renewal, will cost."""
    subscription = stripe.records.get("subscription", params.get("subscription"), "subscription")
    customer = stripe.records.get("customer", subscription["customer"])
    details = params.get("subscription_details") or {}
    subscription = try_terms(stripe, subscription, params)
    if details.get("items"):
        lines = _change_lines(stripe, subscription, details)
    else:
        lines = next_lines(stripe, subscription, held(subscription))
    lines += waiting_lines(stripe, subscription)
    period = period_of(subscription)
    invoice = make_invoice(stripe, customer, lines, "upcoming", subscription, period)
    invoice["id"] = stripe.records.new_id("upcoming_in")
    invoice["ending_balance"] = ending_balance(invoice)
    return invoice


def _change_lines(stripe: StripeEmulator, subscription: Object, details: Object) -> list[Object]:
    moment = proration_date(stripe, subscription, details)
    items, behaviour = details["items"], details.get("proration_behavior", "create_prorations")
    lines: list[Object] = []
    if behaviour != "none":
        lines = prorations(stripe, subscription, items, moment)
        lines += leaving_usage(stripe, subscription, items, moment)
    begun = other_rhythm(stripe, subscription, items, moment)
    if not begun and behaviour != "always_invoice":
        begun = next_lines(stripe, subscription, wished(stripe, subscription, items))
    return lines + begun


def proration_date(stripe: StripeEmulator, subscription: Object, params: Object) -> int:
    """As of when a change is prorated: now, or a moment of the period that was previewed."""
    moment = number(params.get("proration_date"), stripe.now(subscription["customer"]))
    start, end = period_of(subscription)
    if params.get("proration_date") and not start <= moment <= end:
        message = "Cannot specify `proration_date` outside of the current period."
        raise StripeFailure(message, param="proration_date")
    return moment


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
    ahead = wished(stripe, subscription, items)
    kept = [one for one in held(subscription) if _is_kept(subscription, one, ahead)]
    rest, part = (moment, period_of(subscription)[1]), _part(subscription, moment)
    lines = unused(stripe, subscription, moment, kept)
    for one in ahead:
        if _is_other_rhythm(subscription, one):
            continue  # Another rhythm begins a period of its own.
        if any(_is_same(one, other) for other in kept):
            continue
        amount = part_of(lasting_price(stripe, subscription, one), part)
        text = f"Remaining time on {one.named(stripe)}"
        lines.append(line(stripe, one, amount, rest, text, is_proration=True))
    return lines


def unused(
    stripe: StripeEmulator, subscription: Object, moment: int, kept: Sequence[Charge] = ()
) -> list[Object]:
    """The credit for what is left of the period, but for what is kept as it is."""
    if subscription["status"] == "trialing":
        return []
    rest, part = (moment, period_of(subscription)[1]), _part(subscription, moment)
    lines = []
    for one in held(subscription):
        if one not in kept:
            amount = -part_of(paid_price(one), part)
            text = f"Unused time on {one.named(stripe)}"
            lines.append(line(stripe, one, amount, rest, text, is_proration=True))
    return lines


def leaving_usage(
    stripe: StripeEmulator, subscription: Object, items: list[Object], moment: int
) -> list[Object]:
    """What was used so far of metered items that a change removes or prices anew.

    In classic billing mode it is never billed
    (https://docs.stripe.com/billing/subscriptions/usage-based/manage-billing-setup).
    """
    if subscription["status"] == "trialing" or subscription["billing_mode"]["type"] == "classic":
        return []
    changed = {one["id"] for one in items if one.get("id") and _is_repriced(one)}
    lines = []
    for item in subscription["items"]["data"]:
        if item["id"] in changed and "quantity" not in item:
            period = (item["current_period_start"], moment)
            found = item_lines(stripe, subscription["customer"], item, period)
            lines += [one for one in found if one["amount"]]
    return lines


def _is_repriced(given: Object) -> bool:
    return truth(given.get("deleted")) or bool(given.get("price"))


def _part(subscription: Object, moment: int) -> Decimal:
    """Which part of the period is left."""
    start, end = period_of(subscription)
    return Decimal(max(0, end - moment)) / Decimal(end - start)


def _is_other_rhythm(subscription: Object, charge: Charge) -> bool:
    recurring = charge.price["recurring"]
    return (recurring["interval"], recurring["interval_count"]) != rhythm(subscription)


def _is_kept(subscription: Object, charge: Charge, ahead: list[Charge]) -> bool:
    """Whether a change leaves an item as it is, in the period that it is in."""
    is_reset = any(_is_other_rhythm(subscription, one) for one in ahead)
    return not is_reset and any(_is_same(one, charge) for one in ahead)


def _is_same(one: Charge, other: Charge) -> bool:
    if one.item is None or other.item is None or one.item["id"] != other.item["id"]:
        return False
    return one.price["id"] == other.price["id"] and one.quantity == other.quantity


def other_rhythm(
    stripe: StripeEmulator, subscription: Object, items: list[Object], moment: int
) -> list[Object]:
    """The first period of another rhythm, which begins with the change."""
    if subscription["status"] == "trialing":
        return []
    lines = []
    for one in wished(stripe, subscription, items):
        if _is_other_rhythm(subscription, one):
            recurring = one.price["recurring"]
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
