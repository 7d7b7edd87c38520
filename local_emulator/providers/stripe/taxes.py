"""The taxes of an invoice: by rates that were set by hand, or computed by Stripe Tax.

Tax is computed on what is left after discounts and rounded line by line
(https://docs.stripe.com/billing/taxes/tax-rates, https://docs.stripe.com/tax/calculating).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure
from local_emulator.providers.stripe.records import Object
from local_emulator.providers.stripe.tax_rates import new_rate
from local_emulator.providers.stripe.tax_rules import Buyer, Tax, tax_on
from local_emulator.providers.stripe.tax_settings import check_active, registrations, settings_of

EXCLUSIVE_BY_CURRENCY = frozenset({"usd", "cad"})
"""What ``inferred_by_currency`` takes as exclusive; other currencies' prices have tax within."""


@dataclass(frozen=True)
class Rated:
    """A tax rate on a line, and why it is that."""

    rate: Object
    reason: str


def apply_taxes(stripe: StripeEmulator, invoice: Object) -> None:
    """Write taxes onto an invoice and its lines, after discounts; again makes no difference."""
    customer = stripe.records.get("customer", invoice["customer"])
    buyer = buyer_of(stripe, customer)
    automatic = invoice["automatic_tax"]
    if automatic["enabled"]:
        automatic["status"] = "complete" if buyer.is_located else "requires_location_inputs"
    for one in invoice["lines"]["data"]:
        if automatic["enabled"]:
            rated = _computed(stripe, one, buyer) if buyer.is_located else []
        else:
            rated = _by_hand(stripe, invoice, one, buyer)
        one["taxes"] = _taxes(rated, taxable(one))
    invoice["total_taxes"] = _totals(invoice["lines"]["data"])


def locate(invoice: Object) -> None:
    """Switch Stripe Tax off on an invoice whose customer cannot be located, as it is finalised."""
    automatic = invoice["automatic_tax"]
    if automatic["enabled"] and automatic["status"] == "requires_location_inputs":
        automatic["enabled"] = False
        automatic["disabled_reason"] = "finalization_requires_location_inputs"


def taxable(line: Object) -> int:
    """What of a line is left after discounts."""
    off = sum(int(one["amount"]) for one in line.get("discount_amounts") or ())
    return int(line["amount"]) - off


def tax_sums(invoice: Object) -> tuple[int, int, int]:
    """Exclusive tax, inclusive tax, and the inclusive tax that there were without discounts."""
    exclusive = sum(one["amount"] for one in invoice["total_taxes"] if not _within(one))
    inclusive = sum(one["amount"] for one in invoice["total_taxes"] if _within(one))
    before = 0
    for line in invoice["lines"]["data"]:
        for one in line["taxes"]:
            if _within(one):
                left = taxable(line)
                before += _rounded(Decimal(one["amount"] * line["amount"]) / left) if left else 0
    return exclusive, inclusive, before


def buyer_of(stripe: StripeEmulator, customer: Object) -> Buyer:
    """What the tax of a customer hangs on."""
    address = customer["address"] or {}
    ids = stripe.records.of(customer["id"], "tax_id")
    return Buyer(
        country=address.get("country"),
        state=address.get("state"),
        postal_code=address.get("postal_code"),
        tax_ids=frozenset((one["type"], one["country"]) for one in ids),
        tax_exempt=customer["tax_exempt"],
    )


def check_automatic(
    stripe: StripeEmulator, customer: Object | None, prices: Sequence[Object]
) -> None:
    """Whether Stripe Tax can compute for a customer; raises StripeFailure as Stripe does."""
    check_active(stripe)
    for price in prices:
        if _behaviour(stripe, price, price["currency"]) is None:
            message = (
                f"The price {price['id']} needs a tax_behavior for automatic tax calculation, or"
                " Stripe Tax's settings a default one."
            )
            raise StripeFailure(message, param="automatic_tax[enabled]")
    if customer is not None and not buyer_of(stripe, customer).is_located:
        raise StripeFailure(
            "The customer's location isn't recognized. Set a valid customer address in order to"
            " automatically calculate tax.",
            code="customer_tax_location_invalid",
            param="automatic_tax[enabled]",
        )


def _computed(stripe: StripeEmulator, line: Object, buyer: Buyer) -> list[Rated]:
    settings = settings_of(stripe)
    home = ((settings["head_office"] or {}).get("address") or {}).get("country") or ""
    tax = tax_on(buyer, home, registrations(stripe, stripe.now()))
    details = (line["pricing"] or {}).get("price_details") or {}
    price = stripe.records.find("price", details.get("price"))
    behaviour = _behaviour(stripe, price, line["currency"]) or "exclusive"
    return [Rated(_rate_for(stripe, tax, behaviour == "inclusive"), tax.reason)]


def _behaviour(stripe: StripeEmulator, price: Object | None, currency: str) -> str | None:
    own = price["tax_behavior"] if price else "unspecified"
    if own != "unspecified":
        return str(own)
    default = settings_of(stripe)["defaults"]["tax_behavior"]
    if default == "inferred_by_currency":
        return "exclusive" if currency in EXCLUSIVE_BY_CURRENCY else "inclusive"
    return None if default is None else str(default)


def _rate_for(stripe: StripeEmulator, tax: Tax, inclusive: bool) -> Object:
    """The rate that Stripe Tax names on its lines: one for each kind of tax."""
    place = {"country": tax.country, "state": tax.state, "inclusive": inclusive}
    place |= {"tax_type": tax.kind, "jurisdiction": tax.state or tax.country}
    made = new_rate(stripe, tax.name, tax.percentage, place, computed=True)
    names = ("percentage", "inclusive", "country", "state", "tax_type", "effective_percentage")
    for one in stripe.records.all("tax_rate"):
        if all(one[name] == made[name] for name in names):
            return one
    return stripe.records.add(made)


def _by_hand(stripe: StripeEmulator, invoice: Object, line: Object, buyer: Buyer) -> list[Rated]:
    rates = _rates_of(stripe, line) or invoice["default_tax_rates"]
    reasons = {"exempt": "customer_exempt", "reverse": "reverse_charge"}
    return [Rated(one, reasons.get(buyer.tax_exempt, "not_available")) for one in rates]


def _rates_of(stripe: StripeEmulator, line: Object) -> list[Object]:
    """The rates of the item that a line is for."""
    parent = line["parent"]
    details = parent.get("invoice_item_details") or parent.get("subscription_item_details") or {}
    item = stripe.records.find("invoiceitem", details.get("invoice_item"))
    if item is not None and item["tax_rates"]:
        return list(item["tax_rates"])
    subscription = stripe.records.find("subscription", details.get("subscription"))
    for one in subscription["items"]["data"] if subscription else ():
        if one["id"] == details.get("subscription_item"):
            return list(one["tax_rates"])
    return []


def _taxes(rated: Sequence[Rated], amount: int) -> list[Object]:
    is_free = {"customer_exempt", "reverse_charge"}
    inclusive = (
        Decimal(str(one.rate["percentage"]))
        for one in rated
        if one.rate["inclusive"] and one.reason not in is_free
    )
    within = sum(inclusive, Decimal(0))
    base = amount - _rounded(amount * within / (100 + within))
    found = []
    for one in rated:
        part = Decimal(0) if one.reason in is_free else Decimal(str(one.rate["percentage"]))
        if one.rate["inclusive"]:
            tax = _rounded(amount * part / (100 + within))
        else:
            tax = _rounded(base * part / 100)
        found.append(
            {
                "amount": tax,
                "tax_behavior": "inclusive" if one.rate["inclusive"] else "exclusive",
                "tax_rate_details": {"tax_rate": one.rate["id"]},
                "taxability_reason": one.reason,
                "taxable_amount": 0 if one.reason == "not_collecting" else base,
                "type": "tax_rate_details",
            }
        )
    return found


def _totals(lines: Sequence[Object]) -> list[Object]:
    found: dict[tuple[str, str], Object] = {}
    for line in lines:
        for one in line["taxes"]:
            key = (one["tax_rate_details"]["tax_rate"], one["taxability_reason"])
            total = found.setdefault(
                key,
                {
                    **one,
                    "tax_rate_details": dict(one["tax_rate_details"]),
                    "amount": 0,
                    "taxable_amount": 0,
                },
            )
            total["amount"] += one["amount"]
            total["taxable_amount"] += one["taxable_amount"]
    return list(found.values())


def _within(tax: Object) -> bool:
    return bool(tax["tax_behavior"] == "inclusive")


def _rounded(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))
