"""Tax ids, tax rates and how subscriptions are taxed, at Stripe."""

from __future__ import annotations

from typing import Any, cast

from billing.stripe_gateway.client import MOST, Object, StripeClient, call, key_of, plain
from billing.taxes.terms import TaxTerms

MARK = "treadle_rate"


class TaxCalls(StripeClient):
    """Who owes which tax."""

    def tax_ids(self, customer_id: str) -> list[Object]:
        """The tax ids of a customer, with how far they are verified."""
        params = cast("Any", {"limit": MOST})
        found = call(lambda: self._api.customers.tax_ids.list(customer_id, params))
        return [plain(one) for one in found.data]

    def create_tax_id(self, customer_id: str, kind: str, value: str, key: str) -> None:
        """Give a customer one more tax id, such as ``eu_vat`` ``DE123456789``."""
        params = cast("Any", {"type": kind, "value": value})
        call(lambda: self._api.customers.tax_ids.create(customer_id, params, key_of(key)))

    def delete_tax_id(self, customer_id: str, tax_id: str) -> None:
        """Take a tax id from a customer; invoices that are issued keep it."""
        call(lambda: self._api.customers.tax_ids.delete(customer_id, tax_id))

    def tax_rate_id(self, mark: str, rate: Object) -> str:
        """The rate that Treadle marked so; made where there is none."""
        params = cast("Any", {"active": True, "limit": MOST})
        pages = call(lambda: self._api.tax_rates.list(params)).auto_paging_iter()
        while (one := call(lambda: next(pages, None))) is not None:
            if plain(one)["metadata"].get(MARK) == mark:
                return one.id
        made = cast("Any", {**rate, "metadata": {MARK: mark}})
        return call(lambda: self._api.tax_rates.create(made, key_of(f"tax_rate:{mark}"))).id

    def set_tax(self, subscription_id: str, terms: TaxTerms) -> None:
        """Tax the coming invoices of a subscription so."""
        params = cast("Any", tax_params(terms))
        call(lambda: self._api.subscriptions.update(subscription_id, params))


def tax_params(terms: TaxTerms) -> Object:
    """The parameters of a subscription for these terms."""
    if not terms.is_set:
        return {}
    return {
        "automatic_tax": {"enabled": terms.automatic},
        "default_tax_rates": list(terms.rates) or "",
    }
