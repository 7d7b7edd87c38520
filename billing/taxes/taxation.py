"""How a workspace's subscription is taxed, by the instance's settings and its buyer's address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from billing.taxes.countries import WITH_POSTAL_CODE
from billing.taxes.rates import Rate, TaxId, Treatment, rates_in, treatment
from billing.taxes.terms import LEFT_ALONE, TaxTerms
from layers.errors import FieldError, InvalidInput
from layers.settings.tax import TaxMode, TaxSettings

if TYPE_CHECKING:
    from billing.stripe_gateway import StripeGateway

Object = Mapping[str, Any]


class Taxation:
    """What of tax is asked of Stripe for a customer; ``gateway`` and settings of one instance."""

    def __init__(self, gateway: StripeGateway, settings: TaxSettings) -> None:
        self._gateway = gateway
        self._settings = settings

    def for_checkout(self, customer_id: str, *, inclusive: bool) -> TaxTerms:
        """How a new subscription is taxed; raises InvalidInput where an address is needed.

        With Stripe Tax the page of Checkout asks for the address itself.
        """
        if self._settings.mode is TaxMode.STRIPE:
            return TaxTerms(is_set=True, automatic=True)
        return self._by_rates(customer_id, inclusive=inclusive)

    def for_subscription(self, customer_id: str, *, inclusive: bool) -> TaxTerms:
        """How a living subscription is taxed from now on; raises InvalidInput likewise."""
        if self._settings.mode is TaxMode.STRIPE:
            _needed(self._gateway.customer(customer_id))
            return TaxTerms(is_set=True, automatic=True)
        return self._by_rates(customer_id, inclusive=inclusive)

    def for_invoice(self, customer_id: str, *, inclusive: bool) -> TaxTerms:
        """How an invoice without a subscription is taxed; not at all where the buyer's country is
        not known, since what is owed has to be billed."""
        try:
            return self.for_subscription(customer_id, inclusive=inclusive)
        except InvalidInput:
            return LEFT_ALONE

    def set_buyer(self, customer_id: str) -> None:
        """Have Stripe write on invoices whether this buyer owes the tax itself."""
        if self._settings.mode is TaxMode.RATES:
            customer = self._gateway.customer(customer_id)
            country = (customer.get("address") or {}).get("country")
            if country:
                found = self._treatment(customer, self._gateway.tax_ids(customer_id))
                self._exempt(customer, found)

    def _by_rates(self, customer_id: str, *, inclusive: bool) -> TaxTerms:
        if self._settings.mode is not TaxMode.RATES:
            return LEFT_ALONE
        customer = self._gateway.customer(customer_id)
        _needed(customer)
        found = self._treatment(customer, self._gateway.tax_ids(customer_id))
        self._exempt(customer, found)
        rates = () if found.rate is None else (self._rate_id(found.rate, inclusive),)
        return TaxTerms(is_set=True, rates=rates)

    def _treatment(self, customer: Object, tax_ids: Sequence[Object]) -> Treatment:
        assert self._settings.rates is not None
        address = customer["address"]
        known = [
            TaxId(one["type"], one["value"], (one.get("verification") or {}).get("status"))
            for one in tax_ids
        ]
        rates = rates_in(self._settings.rates)
        return treatment(rates, address["country"], address.get("state") or "", known)

    def _exempt(self, customer: Object, found: Treatment) -> None:
        """Somebody who is exempt was made so in Stripe's dashboard, and stays it."""
        wanted = "reverse" if found.reverse_charge else "none"
        if customer.get("tax_exempt") not in {wanted, "exempt"}:
            self._gateway.update_customer(customer["id"], {"tax_exempt": wanted})

    def _rate_id(self, rate: Rate, inclusive: bool) -> str:
        place = f"{rate.country}-{rate.state}" if rate.state else rate.country
        kind = "inclusive" if inclusive else "exclusive"
        mark = f"{place}:{rate.name}:{rate.percentage.normalize():f}:{kind}"
        params: dict[str, Any] = {
            "display_name": rate.name,
            "percentage": str(rate.percentage),
            "inclusive": inclusive,
            "country": rate.country,
            "jurisdiction": place,
            "tax_type": rate.tax_type,
        }
        if rate.state:
            params["state"] = rate.state
        return self._gateway.tax_rate_id(mark, params)


def _needed(customer: Object) -> None:
    """Refuse to go on without the address that tax follows from."""
    address = customer.get("address") or {}
    country = address.get("country")
    if not country:
        message = (
            "Tax follows from the buyer's country: give it under Billing, Payment, or with"
            " PUT /billing/buyer, then try again."
        )
        raise InvalidInput(errors=[FieldError("/buyer/address/country", message)])
    if country in WITH_POSTAL_CODE and not address.get("postal_code"):
        message = (
            f"Tax in {country} follows from the postal code: give it under Billing, Payment, or"
            " with PUT /billing/buyer, then try again."
        )
        raise InvalidInput(errors=[FieldError("/buyer/address/postal_code", message)])
