"""Downgrades at the end of a period: shown, taken back, replaced, and carried out."""

from __future__ import annotations

from typing import Any

import pytest

from billing.accounts.statuses import DAY_S
from tests.billing.shop import Shop

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

PERIOD_S = 28 * DAY_S
"""From 31 January, 10:00, to 28 February, 10:00."""
LATER = {"when": "period_end"}


def changes(shop: Shop) -> list[Any]:
    """What open alerts say of the subscription."""
    items = shop.call("GET", "/billing/alerts")["items"]
    return [
        one["detail"]["change"]
        for one in items
        if one["kind"] == "subscription" and one["resolved_at"] is None
    ]


def invoices(shop: Shop) -> list[Any]:
    return [one["total"] for one in shop.call("GET", "/billing/invoices")["items"]]


def test_the_smaller_plan_holds_when_the_period_ends(shop: Shop) -> None:
    shop.subscribe("team")
    preview = shop.call("POST", "/billing/change", {"plan": "pro", **LATER, "preview": True})
    assert (preview["total"], preview["amount_due"], preview["lines"]) == (0, 0, [])
    assert preview["begins_at"].startswith("2026-02-28T10:00")
    assert preview["next_amount"] == 2000
    now = shop.call("POST", "/billing/change", {"plan": "pro", **LATER})
    assert now["plan"] == "team"
    coming = now["scheduled_change"]
    assert (coming["plan"], coming["plan_name"], coming["interval"]) == ("pro", "Pro", "month")
    assert (coming["seats"], coming["at"][:16]) == (1, "2026-02-28T10:00")
    assert set(changes(shop)) == {"holds", "scheduled"}
    assert invoices(shop) == [8000], "nothing is paid or credited for it"
    shop.go_on(PERIOD_S - 60)
    assert shop.subscription()["plan"] == "team"
    shop.go_on(2 * 3600)
    now = shop.subscription()
    assert (now["plan"], now["amount"], now["scheduled_change"]) == ("pro", 2000, None)
    assert now["current_period_end"].startswith("2026-03-31")
    assert invoices(shop) == [2000, 8000]
    assert changes(shop) == ["holds"]
    shop.go_on(31 * DAY_S)
    assert invoices(shop) == [2000, 2000, 8000], "and goes on so"


def test_it_can_be_taken_back(shop: Shop) -> None:
    shop.subscribe("team")
    shop.call("POST", "/billing/change", {"plan": "pro", **LATER})
    now = shop.call("DELETE", "/billing/scheduled-change")
    assert now["scheduled_change"] is None
    assert changes(shop) == ["holds"]
    shop.call("DELETE", "/billing/scheduled-change", status=409)
    shop.go_on(PERIOD_S + 7200)
    assert (shop.subscription()["plan"], invoices(shop)) == ("team", [8000, 8000])


def test_another_one_takes_its_place(shop: Shop) -> None:
    shop.subscribe("team", seats=3)
    shop.call("POST", "/billing/change", {"plan": "pro", **LATER})
    now = shop.call("POST", "/billing/change", {"plan": "team", "seats": 2, **LATER})
    assert now["scheduled_change"]["plan"] == "team"
    assert now["scheduled_change"]["seats"] == 2
    shop.go_on(PERIOD_S + 7200)
    now = shop.subscription()
    assert (now["plan"], now["seats"], now["included"]["members"]) == ("team", 2, 50)
    assert invoices(shop) == [16_000, 24_000]


def test_a_change_now_takes_its_place(shop: Shop) -> None:
    shop.subscribe("pro", seats=2)
    shop.call("POST", "/billing/change", {"plan": "pro", "seats": 1, **LATER})
    now = shop.call("POST", "/billing/change", {"plan": "team"})
    assert (now["plan"], now["scheduled_change"]) == ("team", None)
    shop.go_on(PERIOD_S + 7200)
    assert shop.subscription()["plan"] == "team"


def test_a_change_now_that_is_not_paid_leaves_what_is_to_come(shop: Shop) -> None:
    shop.subscribe("pro", seats=2)
    shop.call("POST", "/billing/change", {"plan": "pro", "seats": 1, **LATER})
    shop.use_card("pm_card_chargeCustomerFail")
    shop.call("POST", "/billing/change", {"plan": "team"}, 402)
    now = shop.subscription()
    assert (now["plan"], now["seats"], now["scheduled_change"]["seats"]) == ("pro", 2, 1)


def test_cancelling_takes_its_place_and_the_other_way_round(shop: Shop) -> None:
    shop.subscribe("team")
    shop.call("POST", "/billing/change", {"plan": "pro", **LATER})
    now = shop.call("POST", "/billing/cancel")
    assert (now["cancel_at_period_end"], now["scheduled_change"]) == (True, None)
    now = shop.call("POST", "/billing/change", {"plan": "pro", **LATER})
    assert (now["cancel_at_period_end"], now["scheduled_change"]["plan"]) == (False, "pro")
    shop.go_on(PERIOD_S + 7200)
    now = shop.subscription()
    assert (now["plan"], now["status"]) == ("pro", "active")


def test_from_the_year_to_the_month(shop: Shop) -> None:
    shop.subscribe("pro", "year")
    now = shop.call("POST", "/billing/change", {"plan": "pro", "interval": "month", **LATER})
    assert now["scheduled_change"]["at"].startswith("2027-01-31")
    shop.go_on(365 * DAY_S + 7200)
    now = shop.subscription()
    assert (now["interval"], now["amount"]) == ("month", 2000)
    assert now["current_period_end"].startswith("2027-02-28")
    assert invoices(shop) == [2000, 19_200]


def test_a_renewal_that_is_not_paid_is_of_the_smaller_plan(shop: Shop) -> None:
    shop.subscribe("team")
    shop.call("POST", "/billing/change", {"plan": "pro", **LATER})
    shop.use_card("pm_card_chargeCustomerFail")
    shop.go_on(PERIOD_S + 7200)
    now = shop.subscription()
    assert (now["plan"], now["status"]) == ("pro", "past_due")
    (unpaid,) = [
        one
        for one in shop.call("GET", "/billing/invoices")["items"]
        if one["amount_due"] and one["status"] == "open"
    ]
    assert unpaid["amount_due"] == 2000


def test_what_was_chosen_stops_when_the_period_ends(shop: Shop) -> None:
    shop.subscribe("team")
    workflow_id = shop.listen()
    shop.call(
        "POST",
        "/billing/change",
        {"plan": "pro", **LATER, "deactivate_workflow_ids": [workflow_id]},
    )
    shop.jobs().keep_limits()
    assert shop.call("GET", f"/workflows/{workflow_id}")["active"]
    shop.go_on(PERIOD_S + 7200)
    shop.jobs().keep_limits()
    assert not shop.call("GET", f"/workflows/{workflow_id}")["active"]


def test_what_the_workspace_has_cannot_be_scheduled(shop: Shop) -> None:
    shop.subscribe("team")
    shop.call("POST", "/billing/change", {"plan": "team", **LATER}, 409)
    shop.call("POST", "/billing/change", {"plan": "free", **LATER}, 422)
