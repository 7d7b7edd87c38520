"""Coupons and promotion codes by hand: how much, how long, and on which lines."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from tests.stripe_emulator.shop import Shop, at
from tests.stripe_emulator.test_tax import rate

QUARTER: Any = {"percent_off": 25}


@pytest.fixture
def shop(client: stripe.StripeClient) -> Shop:
    return Shop(client)


def coupon(shop: Shop, **given: Any) -> str:
    wish: Any = given
    return shop.v1.coupons.create(wish).id


def renewed(shop: Shop, months: int) -> list[int]:
    """The totals of the first invoices."""
    shop.advance(f"2026-{months:02}-15T02:00:00")
    return shop.totals()


@pytest.mark.parametrize(
    ("lasts", "totals"),
    [
        ({"duration": "once"}, [1500, 2000, 2000, 2000, 2000]),
        ({"duration": "repeating", "duration_in_months": 3}, [1500, 1500, 1500, 2000, 2000]),
        ({"duration": "forever"}, [1500, 1500, 1500, 1500, 1500]),
    ],
)
def test_a_quarter_off_for_as_long_as_it_lasts(
    shop: Shop, lasts: dict[str, Any], totals: list[int]
) -> None:
    shop.subscribe(shop.pro, discounts=[{"coupon": coupon(shop, **QUARTER, **lasts)}])
    assert renewed(shop, 5) == totals


def test_the_end_of_months_that_repeat(client: stripe.StripeClient) -> None:
    shop = Shop(client, "2026-01-31")
    given = {**QUARTER, "duration": "repeating", "duration_in_months": 3}
    subscription = shop.subscribe(shop.pro, discounts=[{"coupon": coupon(shop, **given)}])
    whole: Any = shop.v1.subscriptions.retrieve(subscription.id, {"expand": ["discounts"]})
    assert whole.discounts[0].end == at("2026-04-30")
    shop.advance("2026-05-01")
    assert shop.totals() == [1500, 1500, 1500, 2000]


def test_an_amount_off_and_nothing_falls_below_zero(shop: Shop) -> None:
    five = coupon(shop, amount_off=500, currency="eur", duration="forever")
    much = coupon(shop, amount_off=9900, currency="eur", duration="once")
    shop.subscribe(shop.pro, discounts=[{"coupon": five}, {"coupon": much}])
    (invoice,) = shop.v1.invoices.list({"customer": shop.customer.id}).data
    assert [one.amount for one in invoice.total_discount_amounts or ()] == [500, 1500]
    assert (invoice.subtotal, invoice.total) == (2000, 0)
    assert renewed(shop, 2) == [0, 1500]


def test_an_amount_is_for_its_currencies(client: stripe.StripeClient) -> None:
    shop = Shop(client, currency="jpy")
    euros = coupon(shop, amount_off=500, currency="eur")
    with pytest.raises(stripe.InvalidRequestError, match="nothing off in jpy"):
        shop.subscribe(shop.pro, discounts=[{"coupon": euros}])
    both = coupon(
        shop, amount_off=500, currency="eur", currency_options={"jpy": {"amount_off": 700}}
    )
    shop.subscribe(shop.pro, discounts=[{"coupon": both}])
    assert shop.totals() == [1300]


def test_a_coupon_of_a_product_leaves_other_lines_alone(shop: Shop) -> None:
    other = shop.v1.products.create({"name": "Other"})
    only: Any = {**QUARTER, "applies_to": {"products": [shop.product.id]}, "duration": "forever"}
    shop.subscribe(shop.pro, discounts=[{"coupon": coupon(shop, **only)}])
    price = shop.v1.prices.create({"product": other.id, "currency": "eur", "unit_amount": 1000})
    item: Any = {"customer": shop.customer.id, "pricing": {"price": price.id}}
    shop.v1.invoice_items.create(item)
    assert renewed(shop, 2) == [1500, 2500]


def test_discount_comes_before_tax_line_by_line(shop: Shop) -> None:
    third = coupon(shop, percent_off=33.3, duration="forever")
    shop.subscribe(shop.pro, discounts=[{"coupon": third}], default_tax_rates=[rate(shop, 19)])
    (invoice,) = shop.v1.invoices.list({"customer": shop.customer.id}).data
    # 20.00 * 33.3 % = 6.66 off; 13.34 + 19 % = 2.53.
    assert (invoice.subtotal, invoice.total_excluding_tax, invoice.total) == (2000, 1334, 1587)
    (line,) = invoice.lines.data
    assert [one.amount for one in line.discount_amounts or ()] == [666]
    assert [one.taxable_amount for one in line.taxes or ()] == [1334]


def changed(shop: Shop, lasts: dict[str, Any], to: str) -> tuple[int, Any]:
    """Half of the first month is left: the preview's total, and the invoice of the change."""
    subscription = shop.subscribe(shop.pro, discounts=[{"coupon": coupon(shop, **lasts)}])
    shop.advance("2026-01-30T12:00:00")
    price = shop.team if to == "team" else shop.year
    details: Any = {
        "items": [{"id": subscription["items"]["data"][0]["id"], "price": price.id}],
        "proration_behavior": "always_invoice",
    }
    wish: Any = {"subscription": subscription.id, "subscription_details": details}
    preview = shop.v1.invoices.create_preview(wish)
    shop.change(subscription, price, proration_behavior="always_invoice")
    return preview.total, shop.v1.invoices.list({"customer": shop.customer.id}).data[0]


@pytest.mark.parametrize(
    ("lasts", "to", "total"),
    [
        # Half of what was paid, 15.00, back; half of 50.00 less a quarter.
        ({**QUARTER, "duration": "forever"}, "team", -750 + 1875),
        # What counts once was of the first invoice: back comes what was paid.
        ({**QUARTER, "duration": "once"}, "team", -750 + 2500),
        ({"amount_off": 500, "currency": "eur", "duration": "forever"}, "team", -750 + 2250),
        # Another rhythm begins a period of its own: 200.00 less a quarter, or less 5.00.
        ({**QUARTER, "duration": "forever"}, "year", -750 + 15000),
        ({**QUARTER, "duration": "once"}, "year", -750 + 20000),
        ({"amount_off": 500, "currency": "eur", "duration": "forever"}, "year", -750 + 19500),
    ],
)
def test_a_change_settles_what_was_paid(
    shop: Shop, lasts: dict[str, Any], to: str, total: int
) -> None:
    previewed, invoice = changed(shop, lasts, to)
    assert previewed == total
    assert invoice.total == total


def test_a_change_there_and_back_gives_nothing_away(shop: Shop) -> None:
    five = coupon(shop, amount_off=500, currency="eur", duration="forever")
    subscription = shop.subscribe(shop.pro, discounts=[{"coupon": five}])
    shop.advance("2026-01-30T12:00:00")
    shop.change(subscription, shop.team, proration_behavior="always_invoice")
    shop.change(subscription, shop.pro, proration_behavior="always_invoice")
    assert sum(shop.totals()) == 1500


def test_a_coupon_has_conditions(shop: Shop) -> None:
    for wrong in (
        {},
        {"percent_off": 25, "amount_off": 500, "currency": "eur"},
        {"percent_off": 125},
        {"amount_off": 500},
        {"percent_off": 25, "duration": "repeating"},
    ):
        with pytest.raises(stripe.InvalidRequestError):
            coupon(shop, **wrong)
    one: Any = coupon(shop, **QUARTER, max_redemptions=1)
    shop.subscribe(shop.pro, discounts=[{"coupon": one}])
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.subscribe(shop.pro, discounts=[{"coupon": one}])
    assert refused.value.code == "coupon_expired"
    assert shop.v1.coupons.retrieve(one).valid is False


def code(shop: Shop, text: str = "SPRING", **more: Any) -> stripe.PromotionCode:
    promotion: Any = {"type": "coupon", "coupon": coupon(shop, **QUARTER, duration="forever")}
    wish: Any = {"code": text, "promotion": promotion, **more}
    return shop.v1.promotion_codes.create(wish)


def test_a_promotion_code_is_redeemed_and_can_be_switched_off(shop: Shop) -> None:
    made = code(shop)
    with pytest.raises(stripe.InvalidRequestError, match="already exists"):
        code(shop, "spring")
    assert shop.v1.promotion_codes.list({"code": "sPrInG", "active": True}).data[0].id == made.id
    subscription = shop.subscribe(shop.pro, discounts=[{"promotion_code": made.id}])
    assert shop.totals() == [1500]
    assert shop.v1.promotion_codes.retrieve(made.id).times_redeemed == 1
    shop.v1.promotion_codes.update(made.id, {"active": False})
    with pytest.raises(stripe.InvalidRequestError, match="no longer active"):
        shop.subscribe(shop.pro, discounts=[{"promotion_code": made.id}])
    # Who has it keeps it, until it is taken away.
    assert renewed(shop, 2) == [1500, 1500]
    shop.v1.subscriptions.update(subscription.id, {"discounts": ""})
    assert renewed(shop, 3)[-1] == 2000


@pytest.mark.parametrize(
    ("restrictions", "reason"),
    [
        ({"first_time_transaction": True}, "prior transactions"),
        ({"minimum_amount": 5000, "minimum_amount_currency": "eur"}, "minimum amount"),
        ({"minimum_amount": 10, "minimum_amount_currency": "usd"}, "in this currency"),
    ],
)
def test_a_promotion_code_has_restrictions(shop: Shop, restrictions: Any, reason: str) -> None:
    subscription = shop.subscribe(shop.pro)
    made = code(shop, restrictions=restrictions)
    with pytest.raises(stripe.InvalidRequestError, match=reason):
        shop.v1.subscriptions.update(subscription.id, {"discounts": [{"promotion_code": made.id}]})


def test_a_preview_with_a_code_uses_nothing_up(shop: Shop) -> None:
    subscription = shop.subscribe(shop.pro)
    made = code(shop, max_redemptions=1)
    wish: Any = {"subscription": subscription.id, "discounts": [{"promotion_code": made.id}]}
    assert shop.v1.invoices.create_preview(wish).total == 1500
    assert shop.v1.promotion_codes.retrieve(made.id).times_redeemed == 0
    assert shop.v1.invoices.create_preview({"subscription": subscription.id}).total == 2000


def test_a_coupon_that_was_deleted_holds_for_who_has_it(shop: Shop) -> None:
    gone = coupon(shop, **QUARTER, duration="forever")
    shop.subscribe(shop.pro, discounts=[{"coupon": gone}])
    shop.v1.coupons.delete(gone)
    assert renewed(shop, 2) == [1500, 1500]
