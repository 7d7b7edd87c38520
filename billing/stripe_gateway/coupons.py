"""Coupons and promotion codes at Stripe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from billing.failures import StripeRefused
from billing.stripe_gateway.client import MOST, Object, StripeClient, call, key_of, plain

WHOLE = ["applies_to", "currency_options"]
"""What Stripe tells of a coupon only to who asks (docs.stripe.com/api/coupons/object)."""


class CouponCalls(StripeClient):
    """What is taken off."""

    def coupon(self, coupon_id: str) -> Object:
        """Read a coupon whole."""
        params = cast("Any", {"expand": WHOLE})
        return plain(call(lambda: self._api.coupons.retrieve(coupon_id, params)))

    def coupons(self) -> Iterator[Object]:
        """All coupons, the newest first."""
        params = cast("Any", {"limit": MOST, "expand": [f"data.{one}" for one in WHOLE]})
        pages = call(lambda: self._api.coupons.list(params)).auto_paging_iter()
        while (one := call(lambda: next(pages, None))) is not None:
            yield plain(one)

    def create_coupon(self, coupon: Object, key: str) -> Object:
        """Make a coupon; what it takes off never changes."""
        params = cast("Any", {**coupon, "expand": WHOLE})
        return plain(call(lambda: self._api.coupons.create(params, key_of(key))))

    def delete_coupon(self, coupon_id: str) -> None:
        """Let nobody redeem a coupon any more; discounts that there are stay."""
        call(lambda: self._api.coupons.delete(coupon_id))

    def promotion_codes(self) -> Iterator[Object]:
        """All codes, the newest first."""
        params = cast("Any", {"limit": MOST})
        pages = call(lambda: self._api.promotion_codes.list(params)).auto_paging_iter()
        while (one := call(lambda: next(pages, None))) is not None:
            yield plain(one)

    def promotion_code(self, code: str) -> Object | None:
        """The active code that people type in so, with its coupon; in whatever case."""
        params = cast("Any", {"code": code, "active": True, "limit": 1})
        found = call(lambda: self._api.promotion_codes.list(params)).data
        return plain(found[0]) if found else None

    def create_promotion_code(self, code: Object, key: str) -> Object:
        """Make a code that people type in for a coupon."""
        return plain(call(lambda: self._api.promotion_codes.create(cast("Any", code), key_of(key))))

    def deactivate_promotion_code(self, code_id: str) -> Object:
        """Let nobody redeem a code any more."""
        params = cast("Any", {"active": False})
        return plain(call(lambda: self._api.promotion_codes.update(code_id, params)))

    def set_discounts(self, subscription_id: str, discounts: list[Object]) -> None:
        """Give a subscription these discounts and no others, from its next invoice on."""
        params = cast("Any", {"discounts": discounts or ""})
        call(lambda: self._api.subscriptions.update(subscription_id, params))

    def with_coupons(self, discounts: list[Object]) -> list[Object]:
        """Discounts with the whole coupon in ``source``; one that was deleted as it was then."""
        return [{**one, "source": {**one["source"], "coupon": self._of(one)}} for one in discounts]

    def _of(self, discount: Object) -> Object:
        coupon = discount["source"]["coupon"]
        coupon_id = coupon if isinstance(coupon, str) else coupon["id"]
        try:
            return self.coupon(coupon_id)
        except StripeRefused as error:
            if error.status_code != 404 or isinstance(coupon, str):
                raise
            return cast("Object", coupon)
