"""W19: alerts stayed for ever. They end when what they say is no longer so."""

from __future__ import annotations

from typing import Any

import pytest

from billing.accounts.statuses import DAY_S
from tests.billing.shop import Shop

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def told(shop: Shop, *, still: bool = True) -> list[Any]:
    """What alerts say of the subscription, those that are still so, or those that ended."""
    items = shop.call("GET", "/billing/alerts")["items"]
    return [
        one["detail"].get("change", one["kind"])
        for one in items
        if (one["resolved_at"] is None) is still
    ]


def test_what_is_resumed_no_longer_ends_and_an_alert_says_so(shop: Shop) -> None:
    shop.subscribe("pro")
    shop.call("POST", "/billing/cancel")
    assert "ends" in told(shop)
    shop.call("POST", "/billing/resume")
    assert "ends" not in told(shop)
    assert "goes_on" in told(shop)
    assert told(shop, still=False) == ["ends"]
    shop.clock.advance(60)
    shop.call("POST", "/billing/cancel")
    assert "ends" in told(shop), "it is told again"
    assert "goes_on" not in told(shop)


def test_the_alerts_that_are_still_so_come_first(shop: Shop) -> None:
    shop.subscribe("pro")
    shop.call("POST", "/billing/cancel")
    shop.call("POST", "/billing/resume")
    resolved = [one["resolved_at"] for one in shop.call("GET", "/billing/alerts")["items"]]
    assert resolved == sorted(resolved, key=lambda one: one is not None)


def test_what_is_paid_did_not_fail_any_more(shop: Shop) -> None:
    shop.subscribe("pro")
    shop.use_card("pm_card_chargeCustomerFail")
    shop.go_on(28 * DAY_S + 3_660)
    assert "payment_failed" in told(shop)
    shop.use_card("pm_card_visa")
    shop.go_on(14 * DAY_S)
    assert shop.subscription()["status"] == "active"
    assert "payment_failed" not in told(shop)


def test_a_card_that_was_replaced_does_not_expire_any_more(shop: Shop) -> None:
    shop.subscribe("pro")
    shop.stripe.records.all("payment_method")[0]["card"] |= {"exp_month": 2, "exp_year": 2026}
    shop.parts.accounts.refresh(shop.person.workspace_id)
    assert "card_expiring" in told(shop)
    shop.use_card("pm_card_visa")
    shop.parts.accounts.refresh(shop.person.workspace_id)
    assert "card_expiring" not in told(shop)


def test_after_the_end_nothing_is_still_to_end(shop: Shop) -> None:
    shop.subscribe("pro")
    shop.call("POST", "/billing/cancel")
    shop.go_on(29 * DAY_S)
    now = shop.subscription()
    assert (now["status"], now["plan"]) == ("canceled", "free")
    assert now["cancel_at_period_end"] is False
    assert now["subscribed_plan"] is None
    assert told(shop) == ["canceled"]


def test_a_limit_that_was_raised_is_no_longer_reached(shop: Shop) -> None:
    shop.subscribe("pro")
    shop.listen()
    for _ in range(5):
        shop.order()
    shop.jobs().tell()
    assert "usage" in told(shop)
    shop.call("POST", "/billing/change", {"plan": "team", "seats": 10})
    shop.jobs().tell()
    assert "usage" not in told(shop)
