"""W4: seats cost money and gave nothing. A seat is the plan once more."""

from __future__ import annotations

from typing import Any

import pytest

from billing.limits.overrides import add_override
from billing.plans.seats import PER_SEAT, SENTENCE
from tests.billing.shop import Shop

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def plan_of(shop: Shop, name: str) -> dict[str, Any]:
    plans = shop.call("GET", "/billing/plans")["items"]
    found: dict[str, Any] = next(one for one in plans if one["plan"] == name)
    return found


def test_the_limits_of_ten_seats_are_ten_times_those_of_one(shop: Shop) -> None:
    pro = plan_of(shop, "pro")
    now = shop.subscribe("pro", seats=10)
    assert now["amount"] == 20_000
    for name, one_seat in pro["limits"].items():
        times = 10 if name in pro["per_seat"] else 1
        assert now["included"][name] == one_seat * times, name
    assert set(pro["per_seat"]) == set(PER_SEAT)


def test_ten_seats_let_fifty_people_in(shop: Shop) -> None:
    shop.subscribe("pro", seats=10)
    for number in range(49):
        invite = {"email": f"p{number}@example.com", "role": "viewer"}
        shop.call("POST", "/invitations", invite, 201)
    invite = {"email": "one-more@example.com", "role": "viewer"}
    refused = shop.call("POST", "/invitations", invite, 402)
    assert (refused["meter"], refused["limit"], refused["used"]) == ("members", 50, 50)


def test_starts_are_held_to_all_seats_together(shop: Shop) -> None:
    shop.subscribe("pro", seats=2)
    shop.listen()
    shop.call("PUT", "/billing/preferences", {"at_limit": {"executions": "refuse"}})
    assert [shop.order().status for _ in range(11)] == [202] * 10 + [402]


def test_fewer_seats_include_less_at_once(shop: Shop) -> None:
    shop.subscribe("pro", seats=3)
    shop.call("POST", "/billing/change", {"plan": "pro", "seats": 1})
    assert shop.subscription()["included"]["members"] == 5


def test_an_override_says_how_much_and_not_how_much_for_each_seat(shop: Shop) -> None:
    shop.subscribe("pro", seats=3)
    values: dict[str, Any] = {"workspace_id": shop.person.workspace_id, "name": "members"}
    values |= {"value": "7", "reason": "agreed", "created_by": None, "expires_at": None}
    with shop.parts.database.writing() as connection:
        add_override(connection, values | {"now": shop.clock.moment})
    included = shop.subscription()["included"]
    assert (included["members"], included["active_workflows"]) == (7, 150)


def test_stripe_says_what_a_seat_is(shop: Shop) -> None:
    product = shop.stripe.records.get("product", "treadle_pro")
    assert product["description"].endswith(SENTENCE)
