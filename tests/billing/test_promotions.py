"""Coupons: made by the administrator, redeemed by whoever types their code in."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.billing.shop import Shop
from tests.waiting import PATIENCE_S

HALF_S = 14 * 86_400
"""Half of the period from 31 January to 28 February."""
QUARTER = {"code": "SPRING25", "name": "Spring", "percent_off": "25"}
FOREVER = {**QUARTER, "duration": "forever"}
THREE = {**QUARTER, "duration": "repeating", "duration_in_months": 3}
FIVE = {
    "code": "FIVE",
    "name": "Five off",
    "amounts_off": {"usd": 500, "jpy": 700},
    "duration": "forever",
}


def make(shop: Shop, coupon: dict[str, Any], status: int = 201) -> Any:
    return shop.call("POST", "/instance/coupons", coupon, status)


def totals(shop: Shop) -> list[int]:
    shop.deliver()
    found = shop.call("GET", "/billing/invoices")["items"]
    return [one["total"] for one in reversed(found)]


def subscribed(shop: Shop, coupon: dict[str, Any], **wish: Any) -> Any:
    make(shop, coupon)
    return shop.subscribe("pro", promotion_code=coupon["code"].lower(), **wish)


@pytest.mark.parametrize(
    ("coupon", "months"),
    [
        (QUARTER, [1500, 2000, 2000, 2000]),
        (THREE, [1500, 1500, 1500, 2000]),
        (FOREVER, [1500, 1500, 1500, 1500]),
        (FIVE, [1500, 1500, 1500, 1500]),
    ],
)
def test_what_is_paid_month_by_month(shop: Shop, coupon: dict[str, Any], months: list[int]) -> None:
    subscribed(shop, coupon)
    # Until after the renewal of 30 April.
    shop.go_on(90 * 86_400)
    assert totals(shop) == months


@pytest.mark.parametrize(
    ("coupon", "wish", "total"),
    [
        # Half of what was paid comes back; half of 80.00 less what lasts of the discount.
        (QUARTER, {"plan": "team"}, -750 + 4000),
        (FOREVER, {"plan": "team"}, -750 + 3000),
        (FIVE, {"plan": "team"}, -750 + 3750),
        # A year begins: 192.00 less a quarter, or less 5.00.
        (QUARTER, {"plan": "pro", "interval": "year"}, -750 + 19200),
        (THREE, {"plan": "pro", "interval": "year"}, -750 + 14400),
        (FIVE, {"plan": "pro", "interval": "year"}, -750 + 18700),
    ],
)
def test_a_change_costs_what_its_preview_says(
    shop: Shop, coupon: dict[str, Any], wish: dict[str, Any], total: int
) -> None:
    subscribed(shop, coupon)
    shop.go_on(HALF_S)
    preview = shop.call("POST", "/billing/change", {**wish, "preview": True})
    assert (preview["total"], preview["amount_due"]) == (total, total)
    agreed = {**wish, "proration_date": preview["proration_date"]}
    shop.call("POST", "/billing/change", agreed)
    assert totals(shop)[-1] == total
    off = sum(one["amount"] for one in preview["discounts"])
    assert preview["subtotal"] - off == total


def test_a_balance_pays_what_the_discount_left(shop: Shop) -> None:
    subscribed(shop, FOREVER)
    (customer,) = shop.stripe.records.all("customer")
    customer["balance"] = -1000
    shop.go_on(HALF_S)
    preview = shop.call("POST", "/billing/change", {"plan": "team", "preview": True})
    assert (preview["starting_balance"], preview["total"]) == (-1000, 2250)
    assert preview["amount_due"] == 1250


def test_yen_have_no_decimals(shop: Shop) -> None:
    subscribed(shop, {**FOREVER, "percent_off": "33.33"}, currency="jpy")
    # 3000 * 33.33 % = 999.9.
    assert totals(shop) == [2000]
    assert shop.subscription()["discount"] == 1000


def test_the_account_says_what_comes_off_and_until_when(shop: Shop) -> None:
    held = subscribed(shop, THREE)
    assert (held["amount"], held["discount"]) == (2000, 500)
    (told,) = held["discounts"]
    assert (told["name"], told["code"], told["percent_off"]) == ("Spring", "SPRING25", "25.0")
    assert told["ends_at"] == "2026-04-30T10:00:00.000Z"
    account = shop.account()
    assert (account.discount, account.discount_ends_at) == (500, 1_777_543_200)
    shop.go_on(90 * 86_400)
    assert shop.subscription()["discounts"] == []
    assert shop.account().discount is None


def test_what_counts_once_is_no_part_of_what_comes_again(shop: Shop) -> None:
    subscribed(shop, QUARTER)
    assert not shop.account().discount
    invoice = shop.call("GET", "/billing/invoices")["items"][0]["id"]
    whole = shop.call("GET", f"/billing/invoices/{invoice}")
    assert (whole["subtotal"], whole["total"]) == (2000, 1500)
    assert whole["discounts"][0]["amount"] == 500


def test_stripes_page_takes_a_code(shop: Shop) -> None:
    make(shop, FOREVER)
    session = shop.call("POST", "/billing/checkout", {"plan": "pro"})
    form = {"card": "pm_card_visa", "promotion_code": "none"}
    refused = requests.post(session["url"], data=form, timeout=PATIENCE_S)
    assert "invalid" in refused.text
    form["promotion_code"] = "spring25"
    paid = requests.post(session["url"], data=form, allow_redirects=False, timeout=PATIENCE_S)
    assert paid.status_code == 303
    assert totals(shop) == [1500]


def test_a_code_for_a_living_subscription(shop: Shop) -> None:
    make(shop, FOREVER)
    code = {"promotion_code": "SPRING25"}
    shop.call("POST", "/billing/promotion-code", code, 409)
    shop.subscribe("pro")
    wrong = shop.call("POST", "/billing/promotion-code", {"promotion_code": "NONE"}, 422)
    assert wrong["errors"][0]["pointer"] == "/promotion_code"
    assert shop.call("POST", "/billing/promotion-code", code)["discount"] == 500
    shop.go_on(29 * 86_400)
    assert totals(shop) == [2000, 1500]
    assert shop.call("DELETE", "/billing/promotion-code")["discounts"] == []
    shop.call("DELETE", "/billing/promotion-code", status=409)


@pytest.mark.parametrize("wish", [{"plan": "pro", "promotion_code": "NONE"}])
def test_a_code_that_there_is_not_begins_nothing(shop: Shop, wish: dict[str, Any]) -> None:
    problem = shop.call("POST", "/billing/checkout", wish, 422)
    assert problem["errors"][0]["pointer"] == "/promotion_code"
    assert shop.stripe.records.all("checkout.session") == []


def test_a_code_that_is_not_for_this_customer_is_refused_beside_its_field(shop: Shop) -> None:
    make(shop, {**FOREVER, "first_time_transaction": True})
    shop.subscribe("pro")
    problem = shop.call("POST", "/billing/promotion-code", {"promotion_code": "SPRING25"}, 422)
    (error,) = problem["errors"]
    assert error["pointer"] == "/promotion_code"
    assert "prior transactions" in error["message"]


def test_the_administrator_makes_lists_and_ends_codes(shop: Shop) -> None:
    made = make(shop, {**THREE, "max_redemptions": 10, "plans": ["pro"]})
    (listed,) = shop.call("GET", "/instance/coupons")["items"]
    assert listed == made
    assert (listed["plans"], listed["max_redemptions"], listed["active"]) == (["pro"], 10, True)
    again = make(shop, THREE, 422)
    assert again["errors"][0]["pointer"] == "/code"
    ended = shop.call("POST", f"/instance/coupons/{made['id']}/deactivate")
    assert ended["active"] is False
    wish = {"plan": "pro", "promotion_code": "SPRING25"}
    shop.call("POST", "/billing/checkout", wish, 422)
    make(shop, THREE)


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"percent_off": None}, "/percent_off"),
        ({"amounts_off": {"usd": 5}}, "/percent_off"),
        ({"duration": "repeating"}, "/duration_in_months"),
        ({"duration_in_months": 3}, "/duration_in_months"),
        ({"plans": ["none"]}, "/plans/0"),
        ({"code": "a b"}, "/code"),
        ({"percent_off": "101"}, "/percent_off"),
    ],
)
def test_what_a_coupon_cannot_be(shop: Shop, wrong: dict[str, Any], pointer: str) -> None:
    problem = make(shop, {**QUARTER, **wrong}, 422)
    assert [one["pointer"] for one in problem["errors"]] == [pointer]
    assert shop.stripe.records.all("coupon") == []


def test_a_coupon_of_one_plan_leaves_the_other_alone(shop: Shop) -> None:
    subscribed(shop, {**FOREVER, "plans": ["team"]})
    assert totals(shop) == [2000]
    assert shop.subscription()["discount"] == 0


def test_a_discount_goes_on_through_a_downgrade_at_the_periods_end(shop: Shop) -> None:
    make(shop, FOREVER)
    shop.subscribe("team", promotion_code="SPRING25")
    shop.call("POST", "/billing/change", {"plan": "pro", "when": "period_end"})
    shop.go_on(29 * 86_400)
    assert totals(shop) == [6000, 1500]
