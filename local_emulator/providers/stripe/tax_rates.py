"""Tax rates that somebody sets by hand (docs.stripe.com/api/tax_rates)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure, required
from local_emulator.providers.stripe.forms import truth
from local_emulator.providers.stripe.records import Object, listed

TEXTS = ("country", "description", "jurisdiction", "state", "tax_type")


def create_rate(stripe: StripeEmulator, params: Object) -> Object:
    """``POST /v1/tax_rates``; its percentage never changes."""
    for name in ("display_name", "inclusive", "percentage"):
        if params.get(name) is None:
            raise required(name)
    percentage = Decimal(params["percentage"])
    if not 0 <= percentage <= 100:
        raise StripeFailure("Invalid percentage: from 0 to 100.", param="percentage")
    made = stripe.records.add(new_rate(stripe, params["display_name"], percentage, params))
    stripe.happened("tax_rate.created", made)
    return made


def new_rate(
    stripe: StripeEmulator,
    name: str,
    percentage: Decimal,
    params: Object,
    *,
    computed: bool = False,
) -> Object:
    """A rate that nobody keeps yet; ``computed`` is one that Stripe Tax makes for its lines."""
    whole = percentage == percentage.to_integral_value()
    number = int(percentage) if whole else float(percentage)
    return {
        "id": stripe.records.new_id("txr"),
        "object": "tax_rate",
        "active": not computed and truth(params.get("active"), True),
        "created": stripe.now(),
        "display_name": name,
        "effective_percentage": number if computed else None,
        "flat_amount": None,
        "inclusive": truth(params.get("inclusive")),
        "jurisdiction_level": params.get("jurisdiction_level"),
        "livemode": False,
        "metadata": params.get("metadata") or {},
        "percentage": number,
        "rate_type": "percentage" if computed else None,
        **{text: params.get(text) for text in TEXTS},
    }


def update_rate(stripe: StripeEmulator, params: Object, rate_id: str) -> Object:
    """``POST /v1/tax_rates/{id}``: its texts, and whether it can be used anew."""
    rate = stripe.records.get("tax_rate", rate_id)
    for name in ("display_name", *TEXTS):
        if name in params:
            rate[name] = params[name]
    if "active" in params:
        rate["active"] = truth(params["active"])
    rate["metadata"] |= params.get("metadata") or {}
    stripe.happened("tax_rate.updated", rate)
    return rate


def list_rates(stripe: StripeEmulator, params: Object) -> Object:
    """``GET /v1/tax_rates``, by activity; not those that Stripe Tax made for itself."""

    def wanted(rate: Object) -> bool:
        return rate["effective_percentage"] is None and (
            "active" not in params or rate["active"] is truth(params["active"])
        )

    return listed(stripe.records.all("tax_rate"), params, "/v1/tax_rates", wanted)


def rates(stripe: StripeEmulator, given: Sequence[str] | None, param: str) -> list[Object]:
    """The rates with these ids; raises StripeFailure for one that there is not, or no more."""
    found = [stripe.records.get("tax_rate", one, param) for one in given or ()]
    for rate in found:
        if not rate["active"]:
            message = f"The tax rate {rate['id']} is inactive, so it cannot be used anew."
            raise StripeFailure(message, param=param)
    return found
