"""What invoices and credit notes name by id alone: tax rates and coupons."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from billing.failures import StripeRefused
from billing.stripe_gateway.client import Object, StripeClient, call, plain
from layers.log import logger
from layers.settings import BillingSettings


class InvoiceReferenceCalls(StripeClient):
    """What a document has to say in words. Each is read once: neither ever changes its sense
    (https://docs.stripe.com/api/tax_rates, https://docs.stripe.com/api/coupons)."""

    def __init__(self, settings: BillingSettings) -> None:
        super().__init__(settings)
        self._references: dict[str, Object] = {}

    def tax_rates(self, ids: Iterable[str]) -> dict[str, Object]:
        """The tax rates with these ids; one that there is no more is left out."""
        return self._read(ids, lambda one: plain(self._api.tax_rates.retrieve(one)))

    def coupons_named(self, ids: Iterable[str]) -> dict[str, Object]:
        """The coupons with these ids; one that was deleted is left out."""
        return self._read(ids, lambda one: plain(self._api.coupons.retrieve(one)))

    def _read(self, ids: Iterable[str], read: Callable[[str], Object]) -> dict[str, Object]:
        wanted = set(ids)
        for one in sorted(wanted - set(self._references)):
            try:
                self._references[one] = call(partial(read, one))
            except StripeRefused as error:
                if error.status_code != 404:
                    raise
                logger("billing").warning("Stripe knows no %s that an invoice names.", one)
        return {one: self._references[one] for one in wanted if one in self._references}
