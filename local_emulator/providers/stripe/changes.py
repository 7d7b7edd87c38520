"""Changes of what a subscription is made of, and what they are billed."""

from __future__ import annotations

from local_emulator.providers.stripe.billing import bill, coming_invoice, period_lines
from local_emulator.providers.stripe.discounts import note_paid
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure
from local_emulator.providers.stripe.forms import number, truth
from local_emulator.providers.stripe.invoice_items import add_proration, create_item
from local_emulator.providers.stripe.items import period_of, rhythm, set_period
from local_emulator.providers.stripe.legacy_plans import plan_of
from local_emulator.providers.stripe.payments import NEEDS_CONSENT_CODE, refusal_ahead, refuses
from local_emulator.providers.stripe.prorations import (
    leaving_usage,
    other_rhythm,
    preview,
    proration_date,
    prorations,
)
from local_emulator.providers.stripe.records import Object
from local_emulator.providers.stripe.usage_lines import PRICED_SINCE


def check_payable(stripe: StripeEmulator, subscription: Object, params: Object) -> None:
    """With ``error_if_incomplete``, a change that cannot be paid changes nothing."""
    if params.get("payment_behavior") != "error_if_incomplete":
        return
    if params.get("items"):
        names = ("items", "proration_behavior", "proration_date")
        details = {name: params[name] for name in names if params.get(name)}
        if not is_billed_at_once(stripe, subscription, details):
            return
        details["proration_behavior"] = params.get("proration_behavior", "create_prorations")
        wish = {"subscription": subscription["id"], "subscription_details": details}
        coming = preview(stripe, wish)
    elif subscription["status"] == "trialing" and params.get("trial_end") == "now":
        lines = period_lines(stripe, {**subscription, "status": "active"}, None)
        coming = coming_invoice(stripe, subscription, "subscription_update", lines)
    else:
        return
    if coming["amount_due"] and refuses(stripe, coming):
        raise refusal_ahead(stripe, coming, NEEDS_CONSENT_CODE)


def is_billed_at_once(stripe: StripeEmulator, subscription: Object, details: Object) -> bool:
    """Whether a change makes an invoice of its own: asked for, or because a period begins."""
    if details.get("proration_behavior") == "always_invoice":
        return True
    now = stripe.now(subscription["customer"])
    return bool(other_rhythm(stripe, subscription, details["items"], now))


def add_one_time_items(stripe: StripeEmulator, subscription: Object, params: Object) -> None:
    """Add ``add_invoice_items`` to the next invoice of a subscription."""
    for given in params.get("add_invoice_items") or []:
        wish = {
            "customer": subscription["customer"],
            "subscription": subscription["id"],
            "pricing": {"price": given.get("price")},
            **{
                name: given[name] for name in ("quantity", "metadata", "tax_rates") if name in given
            },
        }
        create_item(stripe, wish)


def change_items(stripe: StripeEmulator, subscription: Object, params: Object) -> None:
    """Change items, add and remove some, with ``proration_behavior`` and ``proration_date``."""
    moment = proration_date(stripe, subscription, params)
    behaviour = params.get("proration_behavior", "create_prorations")
    former_rhythm, former = rhythm(subscription), period_of(subscription)
    lines = [] if behaviour == "none" else prorations(stripe, subscription, params["items"], moment)
    if behaviour != "none":
        lines += leaving_usage(stripe, subscription, params["items"], moment)
    for given in params["items"]:
        change_item(stripe, subscription, given)
    note_paid(stripe, subscription)
    if rhythm(subscription) != former_rhythm and subscription["status"] != "trialing":
        # Another rhythm begins now, and its first period is paid at once.
        subscription["billing_cycle_anchor"] = moment
        set_period(subscription, moment, None)
        lines += period_lines(stripe, subscription, None)
        bill(stripe, subscription, "subscription_update", lines, (former[0], moment))
        return
    if lines and behaviour == "always_invoice":
        bill(stripe, subscription, "subscription_update", lines, (former[0], moment))
    elif lines:
        for one in lines:
            add_proration(stripe, subscription, one)


def keep_usage(
    stripe: StripeEmulator, subscription: Object, items: list[Object], moment: int
) -> None:
    """Let what was used of metered items that leave wait for the next invoice."""
    for one in leaving_usage(stripe, subscription, items, moment):
        add_proration(stripe, subscription, one)


def change_item(stripe: StripeEmulator, subscription: Object, given: Object) -> None:
    """Change, add or remove one item, without billing anything."""
    items: list[Object] = subscription["items"]["data"]
    item = next((one for one in items if one["id"] == given.get("id")), None)
    if item is None:
        if given.get("id"):
            message = f"No such subscription item: '{given['id']}'"
            raise StripeFailure(message, code="resource_missing", param="items[id]")
        made = add_item(stripe, subscription, given)
        made["current_period_start"], made["current_period_end"] = period_of(subscription)
        return
    if truth(given.get("deleted")):
        items.remove(item)
        return
    if given.get("price"):
        item["price"] = stripe.records.get("price", given["price"], "items[price]")
        item["plan"] = plan_of(item["price"])
        item[PRICED_SINCE] = stripe.now(subscription["customer"])
    if given.get("quantity") is not None:
        item["quantity"] = number(given["quantity"])


def add_item(stripe: StripeEmulator, subscription: Object, given: Object) -> Object:
    """Add an item to a subscription, without billing anything."""
    price = stripe.records.get("price", given.get("price"), "items[price]")
    if price["type"] != "recurring":
        raise StripeFailure("The price specified is set to `type=one_time`.", param="items[price]")
    if not price["active"]:
        message = "The price specified is inactive. This field only accepts active prices."
        raise StripeFailure(message, param="items[price]")
    item = {
        "id": stripe.records.new_id("si"),
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": stripe.now(subscription["customer"]),
        "current_period_end": 0,
        "current_period_start": 0,
        "discounts": [],
        "metadata": given.get("metadata") or {},
        "plan": plan_of(price),
        "price": price,
        "subscription": subscription["id"],
        "tax_rates": [],
    }
    if price["recurring"]["usage_type"] == "licensed":
        item["quantity"] = number(given.get("quantity"), 1)
    subscription["items"]["data"].append(item)
    return item
