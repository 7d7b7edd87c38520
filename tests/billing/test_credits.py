"""Prepaid credits: bought or granted, used for overage in order, and never more than that."""

from __future__ import annotations

import threading
from typing import Any

import requests

from billing.accounts.statuses import DAY_S
from billing.credits.covering import cover_overage
from billing.overage.wanted_items import want_items
from layers.clock import rfc3339
from tests.billing.findings.bills import invoices, newest_total, renew, send
from tests.billing.shop import Shop
from tests.billing.usages import agree, use
from tests.waiting import PATIENCE_S


def credit_of(shop: Shop) -> Any:
    return shop.call("GET", "/billing/credits")


def grant(shop: Shop, amount: int, **more: Any) -> Any:
    body = {"workspace_id": shop.person.workspace_id, "amount": amount, "reason": "a test"}
    return shop.call("POST", "/instance/credits", body | more, 201)


def buy(shop: Shop, amount: int) -> None:
    session = shop.call("POST", "/billing/credits", {"amount": amount})
    paid = requests.post(
        session["url"], data={"card": "pm_card_visa"}, allow_redirects=False, timeout=PATIENCE_S
    )
    assert paid.status_code == 303, paid.text
    shop.deliver()


def owe(shop: Shop, cents: int) -> None:
    """Use so much beyond Pro, at 0.2 cents each."""
    agree(shop, 1_000_000)
    use(shop, 5 + cents * 5)


def test_what_is_bought_pays_overage(shop: Shop) -> None:
    shop.subscribe("pro")
    buy(shop, 1500)
    assert credit_of(shop)["balance"] == 1500
    shop.parts.accounts.refresh(shop.person.workspace_id)
    assert credit_of(shop)["balance"] == 1500, "once, however often it is read"
    owe(shop, 1000)
    send(shop)
    assert credit_of(shop)["balance"] == 500
    renew(shop)
    newest = invoices(shop)[0]
    assert newest["total"] == 2000
    (line,) = [one for one in newest["lines"] if one["limit"] == "executions"]
    assert line["amount"] == 1000
    assert [(one["name"], one["amount"]) for one in newest["discounts"]] == [
        ("Prepaid credits", 1000)
    ]
    use(shop, 5000, source="next month")
    use(shop, 10_000, source="next month, more")
    renew(shop, 31 * DAY_S)
    assert newest_total(shop) == 2000 + 3000 - 1 - 500, "five are included"
    assert credit_of(shop)["balance"] == 0


def test_the_order_of_use(shop: Shop) -> None:
    shop.subscribe("pro")
    now = shop.clock.moment
    kept = grant(shop, 100, reason="for ever")
    later = grant(shop, 100, reason="later", expires_at=rfc3339(now + 80 * DAY_S))
    paid = grant(shop, 100, category="paid", expires_at=rfc3339(now + 60 * DAY_S))
    free = grant(shop, 100, reason="given", expires_at=rfc3339(now + 60 * DAY_S))
    left = []
    for cents in (50, 100, 100, 100, 100):
        owed = cents
        agree(shop, 1_000_000)
        use(shop, owed * 5 + (5 if not left else 0), source=f"step {len(left)}")
        send(shop)
        by_id = {one["id"]: one["amount_left"] for one in credit_of(shop)["grants"]}
        left.append([by_id[one["id"]] for one in (free, paid, later, kept)])
    assert left == [
        [50, 100, 100, 100],
        [0, 50, 100, 100],
        [0, 0, 50, 100],
        [0, 0, 0, 50],
        [0, 0, 0, 0],
    ]


def test_what_is_expired_or_of_another_currency_pays_nothing(shop: Shop) -> None:
    shop.subscribe("pro")
    grant(shop, 100, expires_at=rfc3339(shop.clock.moment + DAY_S))
    grant(shop, 100, currency="eur")
    shop.go_on(2 * DAY_S)
    owe(shop, 300)
    renew(shop, 26 * DAY_S)
    assert newest_total(shop) == 2300
    assert credit_of(shop)["balance"] == 0
    assert [one["is_expired"] for one in credit_of(shop)["grants"]] == [False, True]


def test_credits_that_come_later_pay_what_still_waits(shop: Shop) -> None:
    shop.subscribe("pro")
    owe(shop, 300)
    send(shop)
    grant(shop, 500)
    send(shop)
    assert credit_of(shop)["balance"] == 200
    renew(shop)
    assert newest_total(shop) == 2000
    grant(shop, 1000)
    renew(shop, 31 * DAY_S)
    assert newest_total(shop) == 2000, "what was invoiced before stays as it was"
    assert credit_of(shop)["balance"] == 1200


def test_what_is_taken_back_gives_credits_back(shop: Shop) -> None:
    shop.subscribe("pro")
    grant(shop, 1000)
    owe(shop, 300)
    send(shop)
    use(shop, -1000, source="back")
    send(shop)
    assert credit_of(shop)["balance"] == 900
    assert [one["kind"] for one in credit_of(shop)["history"]] == ["returned", "used"]
    renew(shop)
    assert newest_total(shop) == 2000


def test_a_purchase_that_is_paid_back_voids_what_is_unused(shop: Shop) -> None:
    shop.subscribe("pro")
    buy(shop, 1000)
    owe(shop, 300)
    send(shop)
    (bought,) = credit_of(shop)["grants"]
    path = f"/instance/invoices/{bought['invoice_id']}/refund"
    shop.call("POST", path, {"amount": 200}, 201)
    assert credit_of(shop)["balance"] == 500
    shop.call("POST", path, {}, 201)
    shop.parts.accounts.refresh(shop.person.workspace_id)
    assert credit_of(shop)["balance"] == 0
    assert [one["amount"] for one in credit_of(shop)["history"]] == [500, 200, 300]


def test_two_at_once_use_a_credit_once(shop: Shop) -> None:
    shop.subscribe("pro")
    grant(shop, 100)
    owe(shop, 300)
    workspace_id, now = shop.person.workspace_id, shop.clock.now()
    with shop.parts.database.writing() as connection:
        want_items(connection, workspace_id, now)
    ready = threading.Barrier(4)

    def cover() -> None:
        ready.wait()
        with shop.parts.database.writing() as connection:
            cover_overage(connection, workspace_id, now)

    threads = [threading.Thread(target=cover) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (used,) = shop.rows("SELECT sum(amount) AS n FROM credit_uses")
    assert used.n == 100
    assert credit_of(shop)["balance"] == 0


def test_who_may_grant_and_what(shop: Shop, sign_up: Any) -> None:
    other = sign_up("bob@example.com")
    body = {"workspace_id": shop.person.workspace_id, "amount": 1, "reason": "mine"}
    refused = other.program.post("/api/v1/instance/credits", json=body)
    assert refused.status == 403
    past = {**body, "expires_at": "2020-01-01T00:00:00Z"}
    problem = shop.call("POST", "/instance/credits", past, 422)
    assert problem["errors"][0]["pointer"] == "/expires_at"
    problem = shop.call("POST", "/billing/credits", {"amount": 1}, 422)
    assert problem["errors"][0]["pointer"] == "/amount"


def test_limits_tell_what_is_owed(shop: Shop) -> None:
    shop.subscribe("pro")
    owe(shop, 300)
    limit = shop.subscription()["limits"][0]
    assert (limit["overage"], limit["overage_amount"]) == (1500, 300)
    assert limit["overage_amount_forecast"] >= 300


def test_alerts_when_credits_are_low_or_expire_soon(shop: Shop) -> None:
    shop.subscribe("pro")
    expires_at = shop.clock.moment + 20 * DAY_S
    grant(shop, 100, expires_at=rfc3339(expires_at))
    shop.jobs().tell()
    assert told(shop) == []
    shop.clock.advance(7 * DAY_S)
    shop.jobs().tell()
    assert told(shop) == [{"amount": 100, "currency": "usd", "expires_at": expires_at}]
    owe(shop, 90)
    send(shop)
    shop.jobs().tell()
    assert sorted(one["amount"] for one in told(shop)) == [10, 100]
    grant(shop, 10_000)
    shop.jobs().tell()
    (low,) = shop.rows("SELECT resolved_at FROM billing_alerts WHERE key = 'credits_low:usd'")
    assert low.resolved_at == shop.clock.moment


def told(shop: Shop) -> list[Any]:
    alerts = shop.call("GET", "/billing/alerts")["items"]
    return [one["detail"] for one in alerts if one["kind"] == "credits"]
