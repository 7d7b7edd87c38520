"""The history of subscriptions: written once, in order, and never changed."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from billing.accounts.statuses import DAY_S
from layers.database import Database
from layers.database.migrate import upgrade
from tests.billing.conftest import JANUARY_31
from tests.billing.shop import Shop
from tests.database.test_migrations import insert
from tests.waiting import PATIENCE_S

MONTH_S = 28 * DAY_S
READ = "SELECT * FROM subscription_changes ORDER BY at, number"


def history(shop: Shop) -> list[tuple[float, str, str, int]]:
    """When, in days, it was what, and what it brought a month."""
    rows = shop.rows(READ)
    return [((row.at - JANUARY_31) / DAY_S, row.status, row.plan, row.mrr) for row in rows]


def test_a_subscription_is_followed_from_its_beginning_to_its_end(shop: Shop) -> None:
    shop.subscribe("pro")
    shop.go_on(DAY_S)
    shop.call("POST", "/billing/change", {"plan": "team", "interval": "month", "seats": 2})
    shop.deliver()
    shop.go_on(DAY_S)
    shop.call("POST", "/billing/cancel")
    shop.go_on(MONTH_S)
    assert history(shop) == [
        (0.0, "active", "pro", 2000),
        (1.0, "active", "team", 16_000),
        (2.0, "active", "team", 16_000),
        (28.0, "canceled", "team", 0),
    ]
    (ends, ended) = shop.rows(READ)[-2:]
    assert (ends.ends_at, ends.reason) == (JANUARY_31 + MONTH_S, None)
    assert (ended.ends_at, ended.reason) == (None, "cancellation_requested")
    assert ended.recorded_at == shop.clock.moment


def test_reading_again_adds_nothing(shop: Shop) -> None:
    shop.subscribe("pro", "year")
    before = shop.rows(READ)
    assert [row.mrr for row in before] == [1600]
    for _ in range(2):
        shop.parts.accounts.refresh(shop.person.workspace_id)
    for one in reversed(shop.delivered):
        assert shop.send(one).status == 200
    assert shop.rows(READ) == before


def test_what_failed_is_dated_by_stripe_however_late_it_is_heard(shop: Shop) -> None:
    shop.subscribe("pro")
    shop.use_card("pm_card_chargeCustomerFail")
    shop.go_on(MONTH_S + 2 * DAY_S)
    assert history(shop)[-1] == (28.0, "past_due", "pro", 2000)
    shop.use_card("pm_card_visa")
    shop.go_on(3 * DAY_S)
    days, *paid = history(shop)[-1]
    assert paid == ["active", "pro", 2000]
    assert 28 < days < 33


def test_the_history_only_grows(shop: Shop) -> None:
    shop.subscribe("pro")
    for statement in (
        "UPDATE subscription_changes SET mrr = 0",
        "DELETE FROM subscription_changes",
    ):
        with (
            pytest.raises(DBAPIError, match="only grows"),
            shop.parts.database.writing() as connection,
        ):
            connection.execute(text(statement))
    assert len(shop.rows(READ)) == 1


def account(name: str, **more: Any) -> dict[str, Any]:
    """The row of an account before there was a history."""
    return {
        "workspace_id": name,
        "customer_id": f"cus_{name}",
        "livemode": False,
        "plan": "pro",
        "subscription_id": f"sub_{name}",
        "status": "active",
        "interval": "month",
        "currency": "usd",
        "seats": 1,
        "amount": 2000,
        "trialed": False,
        "cancel_at_period_end": False,
        "started_at": 100.0,
        "period_end": 900.0,
        "wanted": 0,
        "synchronized": 0,
        "synchronized_at": 800.0,
        "epoch": 0,
        "failures": 0,
        "created_at": 50.0,
        **more,
    }


def invoice(name: str, **more: Any) -> dict[str, Any]:
    """One that was paid."""
    return {
        "id": f"in_{name}",
        "workspace_id": name,
        "status": "paid",
        "currency": "usd",
        "total": 2000,
        "amount_due": 2000,
        "amount_paid": 2000,
        "attempt_count": 1,
        "created_at": 200.0,
        "paid_at": 200.0,
        "period_start": 200.0,
        "period_end": 900.0,
        "data": "{}",
        **more,
    }


def test_what_was_before_is_begun_from_accounts_and_invoices(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    accounts = [
        account("pays", trial_end=200.0, interval="year", amount=19_200),
        account("left", status="canceled", ended_at=700.0),
        account("tried", status="canceled", trial_end=500.0, ended_at=500.0),
        account("owes", status="past_due", past_due_since=600.0),
    ]
    try:
        upgrade(database, "0017")
        with database.writing() as connection:
            for one in accounts:
                workspace = {"id": one["workspace_id"], "name": "w", "sealed_key": "k"}
                insert(connection, "workspaces", {**workspace, "created_at": 0.0})
                insert(connection, "billing_accounts", one)
                if one["workspace_id"] != "tried":
                    insert(connection, "invoices", invoice(one["workspace_id"]))
        upgrade(database)
        with database.reading() as connection:
            rows = connection.execute(text(READ)).all()
        found: dict[str, list[tuple[float, str, int]]] = {}
        for row in rows:
            found.setdefault(row.workspace_id, []).append((row.at, row.status, row.mrr))
        assert found == {
            "pays": [(100.0, "trialing", 0), (200.0, "active", 1600)],
            "left": [(100.0, "incomplete", 0), (200.0, "active", 2000), (700.0, "canceled", 0)],
            "tried": [(100.0, "trialing", 0), (500.0, "canceled", 0)],
            "owes": [(100.0, "incomplete", 0), (200.0, "active", 2000), (600.0, "past_due", 2000)],
        }
    finally:
        database.close()


def test_a_deleted_customer_pays_no_more(shop: Shop) -> None:
    shop.subscribe("pro")
    shop.go_on(DAY_S)
    answer = requests.delete(
        f"{shop.stripe.url}/v1/customers/{shop.account().customer_id}",
        auth=(shop.stripe.api_key, ""),
        timeout=PATIENCE_S,
    )
    answer.raise_for_status()
    shop.deliver()
    assert history(shop)[-1][1:] == ("canceled", "pro", 0)
    shop.parts.accounts.refresh(shop.person.workspace_id)
    assert len(shop.rows(READ)) == 2
    assert shop.call("GET", "/instance/revenue")["monthly"] == {}


def test_what_is_not_paid_any_more_ended_with_the_last_attempt(shop: Shop) -> None:
    shop.subscribe("pro")
    shop.use_card("pm_card_chargeCustomerFail")
    shop.go_on(MONTH_S + 60)
    shop.go_on(25 * DAY_S)
    days, *unpaid = history(shop)[-1]
    assert unpaid == ["unpaid", "pro", 0]
    (last,) = shop.rows("SELECT max(created_at) AS at FROM payments WHERE status = 'failed'")
    assert days == (last.at - JANUARY_31) / DAY_S


def test_credits_that_were_bought_are_owed_until_they_are_used(shop: Shop) -> None:
    shop.subscribe("pro")
    with shop.parts.database.writing() as connection:
        for name, category in (("a", "paid"), ("b", "promotional")):
            given = {"category": category, "currency": "usd", "amount": 500, "reason": "r"}
            moments = {"effective_at": JANUARY_31, "created_at": JANUARY_31, "is_applied": True}
            owner = {"id": name, "workspace_id": shop.person.workspace_id}
            insert(connection, "credit_grants", {**owner, **given, **moments})
            for number, (kind, amount) in enumerate([("used", 120), ("returned", -20)]):
                use = {"kind": kind, "amount": amount, "created_at": JANUARY_31, "grant_id": name}
                insert(connection, "credit_uses", {**owner, **use, "id": f"{name}{number}"})
    receipts = shop.call("GET", "/instance/revenue")["receipts"]
    assert (receipts["credits_sold"], receipts["credits_used"]) == ({"usd": 500}, {"usd": 100})


def at_stripe(shop: Shop, path: str, **data: object) -> None:
    """Call Stripe as its dashboard does, and hear of it."""
    requests.post(
        f"{shop.stripe.url}/v1/{path}",
        data=data,
        auth=(shop.stripe.api_key, ""),
        timeout=PATIENCE_S,
    ).raise_for_status()
    shop.deliver()


@pytest.mark.parametrize(
    ("duration", "mrr"),
    [
        ({"duration": "forever"}, 1500),
        ({"duration": "repeating", "duration_in_months": 3}, 1500),
        ({"duration": "once"}, 2000),
    ],
    ids=["forever", "repeating", "once"],
)
def test_what_lasts_of_discounts_is_taken_off(
    shop: Shop, duration: dict[str, Any], mrr: int
) -> None:
    shop.subscribe("pro")
    shop.go_on(DAY_S)
    at_stripe(shop, "coupons", id="LESS", percent_off=25, **duration)
    subscription = shop.account().subscription_id
    at_stripe(shop, f"subscriptions/{subscription}", **{"discounts[0][coupon]": "LESS"})
    assert shop.call("GET", "/instance/revenue")["monthly"] == {"usd": mrr}
    found = shop.call("GET", "/instance/revenue")["movements"]["usd"]
    assert (found["new"], found["contraction"]) == (2000, mrr - 2000)
