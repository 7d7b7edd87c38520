"""Products and prices at Stripe."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import stripe

from billing.failures import StripeRefused
from billing.stripe_gateway.client import MOST, Object, StripeClient, call, plain


class CatalogueCalls(StripeClient):
    """What is for sale."""

    def put_product(
        self, product_id: str, name: str, description: str, unit_label: str | None = None
    ) -> None:
        """Make a product, or bring its texts up to date; ``unit_label`` is what one of it is."""
        texts = {"name": name, "description": description}
        if unit_label is not None:
            texts["unit_label"] = unit_label
        try:
            found = call(lambda: self._api.products.retrieve(product_id))
        except StripeRefused as error:
            if error.status_code != 404:
                raise
            made = cast("Any", {"id": product_id, **texts})
            # Its id makes it once; a key of ours would bring back one that was deleted since.
            call(lambda: self._api.products.create(made))
            return
        there = {"name": found.name, "description": found.description}
        if unit_label is not None:
            there["unit_label"] = found.unit_label
        if there != texts:
            call(lambda: self._api.products.update(product_id, cast("Any", texts)))

    def prices(self, lookup_keys: Sequence[str]) -> dict[str, Object]:
        """The prices that there are, by lookup key."""
        found: dict[str, Object] = {}
        for start in range(0, len(lookup_keys), 10):
            keys = list(lookup_keys[start : start + 10])
            wanted = cast("Any", {"lookup_keys": keys, "limit": MOST})
            for price in self._prices(wanted):
                if price.lookup_key:
                    found[price.lookup_key] = plain(price)
        return found

    def _prices(self, wanted: Any) -> Sequence[stripe.Price]:
        return call(lambda: self._api.prices.list(wanted)).data

    def create_price(self, price: Object) -> Object:
        """Make a price. Stripe has one of each lookup key: it needs no other key."""
        return plain(call(lambda: self._api.prices.create(cast("Any", price))))

    def set_tax_behavior(self, price_id: str, behaviour: str) -> None:
        """Say of a price, once and for all, whether tax is within it.

        https://docs.stripe.com/api/prices/object#price_object-tax_behavior
        """
        params = cast("Any", {"tax_behavior": behaviour})
        call(lambda: self._api.prices.update(price_id, params))
