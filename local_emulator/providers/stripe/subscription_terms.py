"""What of a subscription's terms its invoices inherit: tax and discounts."""

from __future__ import annotations

from typing import Any

from local_emulator.providers.stripe.discounts import inherited, redeem, set_discounts
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure
from local_emulator.providers.stripe.forms import truth
from local_emulator.providers.stripe.records import Object
from local_emulator.providers.stripe.tax_rates import rates
from local_emulator.providers.stripe.taxes import check_automatic


def set_terms(stripe: StripeEmulator, subscription: Object, params: Object) -> None:
    """Take ``automatic_tax``, ``default_tax_rates``, ``discounts`` and items' ``tax_rates``."""
    subscription.setdefault("default_tax_rates", [])
    if params.get("automatic_tax"):
        enabled = truth(params["automatic_tax"].get("enabled"))
        subscription["automatic_tax"] = wished_tax(enabled)
    if "default_tax_rates" in params:
        wanted = params["default_tax_rates"]
        subscription["default_tax_rates"] = rates(stripe, wanted, "default_tax_rates")
    for given in params.get("items") or ():
        for item in subscription["items"]["data"]:
            is_meant = given.get("id") == item["id"] or item["price"]["id"] == given.get("price")
            if "tax_rates" in given and is_meant:
                item["tax_rates"] = rates(stripe, given["tax_rates"], "items[tax_rates]")
    if subscription["automatic_tax"]["enabled"]:
        if subscription["default_tax_rates"]:
            message = "You cannot use automatic_tax together with default_tax_rates."
            raise StripeFailure(message, param="default_tax_rates")
        customer = stripe.records.get("customer", subscription["customer"])
        prices = [one["price"] for one in subscription["items"]["data"]]
        check_automatic(stripe, customer, prices)
    if "discounts" in params:
        set_discounts(stripe, subscription, params["discounts"])


def take_terms(stripe: StripeEmulator, subscription: Object, phase: Object) -> None:
    """Tax and discounts of a schedule's phase: what it does not name ends with the phase before
    (https://docs.stripe.com/api/subscription_schedules/update)."""
    subscription["automatic_tax"] = dict(phase["automatic_tax"])
    subscription["default_tax_rates"] = list(phase["default_tax_rates"])
    set_discounts(stripe, subscription, phase["discounts"])


def inherit(
    stripe: StripeEmulator, invoice: Object, customer: Object, subscription: Object | None
) -> None:
    """Give a new invoice what its subscription, or its customer, says of tax and discounts."""
    invoice["discounts"] = inherited(stripe, customer, subscription)
    if subscription is not None:
        invoice["default_tax_rates"] = list(subscription.get("default_tax_rates") or ())
        invoice["automatic_tax"] = automatic_tax(subscription["automatic_tax"]["enabled"])


def set_invoice_terms(stripe: StripeEmulator, invoice: Object, params: Object) -> None:
    """Take ``automatic_tax`` and ``default_tax_rates`` of a call that makes an invoice."""
    if truth((params.get("automatic_tax") or {}).get("enabled")):
        check_automatic(stripe, stripe.records.get("customer", invoice["customer"]), ())
        invoice["automatic_tax"] = automatic_tax(True)
    if "default_tax_rates" in params:
        wanted = params["default_tax_rates"]
        invoice["default_tax_rates"] = rates(stripe, wanted, "default_tax_rates")


def try_terms(stripe: StripeEmulator, subscription: Object, params: Object) -> Object:
    """The subscription as a preview would have it: a copy, whose discounts nobody keeps."""
    details = params.get("subscription_details") or {}
    names = ("automatic_tax", "discounts")
    wanted: Object = {name: params[name] for name in names if name in params}
    if "default_tax_rates" in details:
        wanted["default_tax_rates"] = details["default_tax_rates"]
    if not wanted:
        return subscription
    copy: dict[str, Any] = {**subscription}
    set_terms(stripe, copy, {name: one for name, one in wanted.items() if name != "discounts"})
    if "discounts" in wanted:
        copy["discounts"] = _tried(stripe, subscription, wanted["discounts"] or ())
    return copy


def wished_tax(enabled: bool) -> Object:
    """``automatic_tax`` of a subscription."""
    liability = {"type": "self"} if enabled else None
    return {"disabled_reason": None, "enabled": enabled, "liability": liability}


def automatic_tax(enabled: bool) -> Object:
    """``automatic_tax`` of an invoice."""
    return {
        **wished_tax(enabled),
        "provider": "stripe" if enabled else None,
        "status": None,
    }


def _tried(stripe: StripeEmulator, subscription: Object, given: Any) -> list[str]:
    """Discounts for a preview; what they are redeemed of is not used up."""
    customer = stripe.records.get("customer", subscription["customer"])
    items = subscription["items"]["data"]
    amount = sum((one["price"]["unit_amount"] or 0) * one.get("quantity", 0) for one in items)
    return redeem(stripe, customer, given, (amount, subscription["currency"]), only_tried=True)
