"""What a page of Checkout asks for beside a card: an address, a tax id, a promotion code.

https://docs.stripe.com/tax/checkout, https://docs.stripe.com/tax/checkout/tax-ids and
https://docs.stripe.com/payments/checkout/discounts
"""

from __future__ import annotations

from typing import Any

from local_emulator.providers.stripe.discounts import redeem
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure
from local_emulator.providers.stripe.forms import number, truth
from local_emulator.providers.stripe.invoices import make_invoice
from local_emulator.providers.stripe.lines import Charge, line
from local_emulator.providers.stripe.promotion_codes import find_active
from local_emulator.providers.stripe.records import Object
from local_emulator.providers.stripe.subscription_terms import automatic_tax
from local_emulator.providers.stripe.tax_ids import create_tax_id, tax_ids_of
from local_emulator.providers.stripe.tax_rates import rates
from local_emulator.providers.stripe.taxes import buyer_of, check_automatic

ADDRESS = ("line1", "line2", "city", "state", "postal_code", "country")
SAVED = frozenset({"auto"})


def session_terms(stripe: StripeEmulator, params: Object) -> Object:
    """The fields of a new session that say what its page asks for; raises StripeFailure."""
    enabled = truth((params.get("automatic_tax") or {}).get("enabled"))
    collects = truth((params.get("tax_id_collection") or {}).get("enabled"))
    asks = truth(params.get("allow_promotion_codes"))
    update = params.get("customer_update") or {}
    customer = stripe.records.find("customer", params.get("customer"))
    if asks and params.get("discounts"):
        message = "You may only specify one of these parameters: allow_promotion_codes, discounts."
        raise StripeFailure(message, param="allow_promotion_codes")
    if len(params.get("discounts") or ()) > 1:
        raise StripeFailure("Checkout takes one discount.", param="discounts")
    if customer is not None and collects and update.get("name") != "auto":
        raise StripeFailure(
            "Tax ID collection requires updating business name on the customer. To enable tax ID"
            " collection for an existing customer, please set `customer_update[name]` to `auto`.",
            param="tax_id_collection[enabled]",
        )
    if enabled:
        _check_tax(stripe, params, customer, update)
    return {
        "allow_promotion_codes": asks or None,
        "automatic_tax": _automatic_tax(enabled),
        "billing_address_collection": params.get("billing_address_collection"),
        "discounts": _checked_discounts(stripe, params, customer),
        "tax_id_collection": {"enabled": collects, "required": "never"},
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
    }


def _automatic_tax(enabled: bool) -> Object:
    """As an invoice has it, but for why it was disabled."""
    tax = automatic_tax(enabled)
    return {name: value for name, value in tax.items() if name != "disabled_reason"}


def collect(stripe: StripeEmulator, session: Object, form: Object) -> None:
    """Take what a person entered beside the card, as the customer's from now on."""
    customer = stripe.records.get("customer", session["customer"])
    address = {name: form[name] for name in ADDRESS if form.get(name)}
    if address.get("country"):
        customer["address"] = dict.fromkeys(ADDRESS) | address
        stripe.happened("customer.updated", customer)
    if form.get("tax_id") and session["tax_id_collection"]["enabled"]:
        given = (form.get("tax_id_type") or "eu_vat", form["tax_id"])
        if given not in {(one["type"], one["value"]) for one in tax_ids_of(stripe, customer["id"])}:
            create_tax_id(stripe, {"type": given[0], "value": given[1]}, customer["id"])
    if form.get("promotion_code"):
        _take_code(stripe, session, str(form["promotion_code"]))
    if session["automatic_tax"]["enabled"] and not buyer_of(stripe, customer).is_located:
        raise StripeFailure("Enter your billing address: tax follows from it.", param="country")
    set_amounts(stripe, session)


def subscription_wish(session: Object) -> Object:
    """What of it a new subscription is made with."""
    wish: Object = {}
    if session["automatic_tax"]["enabled"]:
        wish["automatic_tax"] = {"enabled": "true"}
    if session["discounts"]:
        wish["discounts"] = session["discounts"]
    return wish


def set_amounts(stripe: StripeEmulator, session: Object) -> None:
    """Compute what the first invoice will be, as far as it is known; a trial costs nothing yet."""
    items = session["emulator_items"]
    if session["mode"] != "subscription":
        return
    prices = [(stripe.records.get("price", one["price"]), one) for one in items]
    sums = [(price["unit_amount"] or 0) * number(one.get("quantity"), 1) for price, one in prices]
    session["amount_subtotal"] = session["amount_total"] = sum(sums)
    session["currency"] = prices[0][0]["currency"]
    if session["emulator_subscription"].get("trial_period_days"):
        session["amount_subtotal"], session["amount_total"] = 0, None
        return
    customer = stripe.records.find("customer", session["customer"])
    if customer is None:
        return
    charges = [Charge(price, number(one.get("quantity"), 1)) for price, one in prices]
    invoice = _first_invoice(stripe, session, customer, charges)
    session["amount_total"] = invoice["total"]
    session["total_details"] = {
        "amount_discount": sum(one["amount"] for one in invoice["total_discount_amounts"]),
        "amount_shipping": 0,
        "amount_tax": sum(one["amount"] for one in invoice["total_taxes"]),
    }


def _first_invoice(
    stripe: StripeEmulator, session: Object, customer: Object, charges: list[Charge]
) -> Object:
    now = stripe.now(customer["id"])
    data = session["emulator_subscription"]
    worth = (session["amount_subtotal"], session["currency"])
    found = redeem(stripe, customer, session["discounts"], worth, only_tried=True)
    like: Object = {
        "id": None,
        "automatic_tax": session["automatic_tax"],
        "collection_method": "charge_automatically",
        "currency": session["currency"],
        "default_tax_rates": rates(stripe, data.get("default_tax_rates"), "default_tax_rates"),
        "discounts": found,
        "items": {"data": []},
        "metadata": {},
    }
    lines = [
        line(stripe, one, one.price["unit_amount"] * one.quantity, (now, now), one.named(stripe))
        for one in charges
    ]
    invoice = make_invoice(stripe, customer, lines, "upcoming", like)
    for discount_id in found:
        stripe.records.forget(discount_id)
    return invoice


def _check_tax(
    stripe: StripeEmulator, params: Object, customer: Object | None, update: Object
) -> None:
    items = params.get("line_items") or ()
    prices = [stripe.records.get("price", one["price"]) for one in items]
    check_automatic(stripe, None, prices)
    is_known = customer is not None and buyer_of(stripe, customer).is_located
    if customer is not None and not is_known and update.get("address") not in SAVED:
        raise StripeFailure(
            "Automatic tax calculation in Checkout requires a valid address on the Customer. Add a"
            " valid address to the Customer or set either `customer_update[address]` to 'auto' or"
            " `customer_update[shipping]` to 'auto' to save the address entered in Checkout to the"
            " Customer.",
            code="customer_tax_location_invalid",
            param="automatic_tax[enabled]",
        )


def _checked_discounts(
    stripe: StripeEmulator, params: Object, customer: Object | None
) -> list[Object]:
    given: list[Object] = list(params.get("discounts") or ())
    if given and customer is not None:
        items = params.get("line_items") or ()
        prices = [stripe.records.get("price", one["price"]) for one in items]
        amount = sum(one["unit_amount"] or 0 for one in prices)
        worth = (amount, str(prices[0]["currency"]))
        for one in redeem(stripe, customer, given, worth, only_tried=True):
            stripe.records.forget(one)
    return given


def _take_code(stripe: StripeEmulator, session: Object, text: str) -> None:
    if not session["allow_promotion_codes"]:
        raise StripeFailure("This page takes no promotion codes.", param="promotion_code")
    code = find_active(stripe, text.strip())
    if code is None:
        raise StripeFailure("This code is invalid.", param="promotion_code")
    before: list[Any] = session["discounts"]
    session["discounts"] = [{"promotion_code": code["id"]}]
    try:
        set_amounts(stripe, session)
    except StripeFailure:
        session["discounts"] = before
        raise
