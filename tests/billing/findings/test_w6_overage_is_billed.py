"""W6: what is owed as overage is billed, whatever plan or interval follows, and late usage too."""

from __future__ import annotations

from typing import Any

import pytest

from billing.accounts.statuses import DAY_S
from billing.failures import StripeRefused, StripeUnavailable
from tests.billing.conftest import JANUARY_31
from tests.billing.findings.bills import (
    MONTH_S,
    billed,
    invoices,
    newest_total,
    overage_lines,
    renew,
    send,
)
from tests.billing.shop import Shop
from tests.billing.usages import agree, overage, use


def test_w6_an_upgrade_before_the_renewal_dodges_nothing(shop: Shop) -> None:
    shop.subscribe("pro")
    agree(shop, 100_000)
    use(shop, 85_005)
    shop.go_on(MONTH_S - DAY_S)
    preview = shop.call("POST", "/billing/change", {"plan": "team", "preview": True})
    (line,) = [one for one in preview["lines"] if "Executions" in one["description"]]
    assert (line["quantity"], line["amount"]) == (85_000, 17_000)
    shop.call(
        "POST", "/billing/change", {"plan": "team", "proration_date": preview["proration_date"]}
    )
    shop.deliver()
    assert newest_total(shop) == preview["total"]
    renew(shop, DAY_S)
    assert newest_total(shop) == 8000
    assert sum(one["amount"] for one in overage_lines(shop)) == 17_000


def test_w6_a_change_that_is_refused_leaves_its_overage_to_the_renewal(shop: Shop) -> None:
    shop.subscribe("pro")
    agree(shop, 100_000)
    use(shop, 5005)
    grant = {"workspace_id": shop.person.workspace_id, "amount": 400, "reason": "a test"}
    shop.call("POST", "/instance/credits", grant, 201)
    shop.go_on(DAY_S)
    shop.use_card("pm_card_chargeCustomerFail")
    shop.call("POST", "/billing/change", {"plan": "team"}, 402)
    shop.use_card("pm_card_visa")
    shop.deliver()
    assert shop.subscription()["plan"] == "pro"
    renew(shop, MONTH_S - DAY_S)
    renew(shop, 31 * DAY_S)
    lines = [
        line
        for one in invoices(shop)
        if one["status"] == "paid"
        for line in one["lines"]
        if line["limit"] == "executions"
    ]
    assert [(one["quantity"], one["amount"]) for one in lines] == [(5000, 1000)]
    paid = [one["total"] for one in invoices(shop) if one["status"] == "paid"]
    assert sorted(paid) == [2000, 2000, 2000 + 1000 - 400]
    assert shop.call("GET", "/billing/credits")["balance"] == 0


def test_w6_another_interval_bills_what_is_owed(shop: Shop) -> None:
    shop.subscribe("pro")
    agree(shop, 10_000)
    use(shop, 5005)
    shop.go_on(DAY_S)
    wish = {"plan": "pro", "interval": "year"}
    preview = shop.call("POST", "/billing/change", {**wish, "preview": True})
    assert [one["amount"] for one in preview["lines"] if "Executions" in one["description"]] == [
        1000
    ]
    shop.call("POST", "/billing/change", {**wish, "proration_date": preview["proration_date"]})
    shop.deliver()
    assert newest_total(shop) == preview["total"]
    send(shop)
    shop.go_on(40 * DAY_S)
    send(shop)
    assert billed(shop) == 5000


def test_w6_what_is_owed_with_a_yearly_plan_gets_an_invoice_of_its_own(shop: Shop) -> None:
    shop.subscribe("pro")
    agree(shop, 10_000)
    use(shop, 5)
    shop.go_on(DAY_S)
    began = shop.clock.moment
    use(shop, 2000, source="before")
    shop.clock.advance(60)
    shop.call("POST", "/billing/change", {"plan": "pro", "interval": "year"})
    use(shop, 500, at=began, source="late, of the time before")
    send(shop)
    shop.go_on(MONTH_S)
    send(shop)
    shop.go_on(2 * 3600)
    send(shop)
    assert [one["quantity"] for one in overage_lines(shop)] == [2000, 500]
    newest = invoices(shop)[0]
    assert (newest["total"], newest["status"]) == (100, "paid")


def test_w6_late_usage_is_on_the_next_invoice(shop: Shop) -> None:
    shop.subscribe("pro")
    agree(shop, 100_000)
    use(shop, 5005)
    renew(shop)
    assert newest_total(shop) == 3000
    use(shop, 15_000, at=JANUARY_31 + DAY_S, source="late")
    send(shop)
    renew(shop, 31 * DAY_S)
    assert newest_total(shop) == 5000
    late = overage_lines(shop)[-1]
    assert late["description"] == "Late usage of January 2026: Executions beyond Treadle Pro"
    assert billed(shop) == overage(shop) == 20_000


def test_w6_the_last_minute_is_on_the_renewal(shop: Shop) -> None:
    shop.subscribe("pro")
    agree(shop, 100_000)
    shop.go_on(MONTH_S - 30)
    use(shop, 505, source="the last minute")
    shop.go_on(60)
    send(shop)
    use(shop, 500, at=shop.clock.moment - 45, source="even later")
    send(shop)
    shop.go_on(3600)
    send(shop)
    assert newest_total(shop) == 2200
    assert [one["quantity"] for one in overage_lines(shop)] == [1000]


def test_w6_the_end_of_a_subscription_has_its_overage(shop: Shop) -> None:
    shop.subscribe("pro")
    agree(shop, 10_000)
    use(shop, 5005)
    shop.call("POST", "/billing/cancel")
    renew(shop)
    assert shop.subscription()["plan"] == "free"
    assert newest_total(shop) == 1000
    use(shop, 500, at=JANUARY_31 + 60, source="after the end")
    send(shop)
    send(shop)
    shop.go_on(2 * 3600)
    shop.parts.accounts.refresh(shop.person.workspace_id)
    assert newest_total(shop) == 100, "an invoice of its own"
    assert billed(shop) == overage(shop) == 5500


def test_w6_what_was_refused_is_tried_again_and_the_administrator_is_told(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.subscribe("pro")
    agree(shop, 10_000)
    use(shop, 505)
    gateway: Any = shop.parts.accounts.gateway
    create = gateway.create_item
    asked = []

    def refuse(wish: Any, key: str) -> Any:
        asked.append(key)
        raise StripeRefused("timestamp is too old or in the future", status_code=400)

    monkeypatch.setattr(gateway, "create_item", refuse)
    for _ in range(3):
        send(shop)
    assert len(asked) == 1, "not each minute"
    for pause in (61, 121, 241):
        shop.clock.advance(pause)
        send(shop)
    assert len(set(asked)) == 4, "a key for each try: none replays a failure"
    (alert,) = [
        one
        for one in shop.call("GET", "/instance/alerts")["items"]
        if one["kind"] == "refused_usage"
    ]
    assert "too old" in str(alert["detail"])
    monkeypatch.setattr(gateway, "create_item", create)
    shop.clock.advance(3600)
    renew(shop)
    assert newest_total(shop) == 2100


def test_w6_while_stripe_is_away_nothing_is_lost_and_little_is_logged(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from billing.overage.sending import OverageBilling

    shop.subscribe("pro")
    agree(shop, 10_000)
    use(shop, 505)
    gateway: Any = shop.parts.accounts.gateway
    create = gateway.create_item

    def away(wish: Any, key: str) -> Any:
        raise StripeUnavailable

    billing = OverageBilling(shop.parts.accounts)
    monkeypatch.setattr(gateway, "create_item", away)
    for _ in range(5):
        billing.bill()
        shop.clock.advance(60)
    warned = [one for one in caplog.records if "overage" in one.getMessage()]
    assert len([one for one in warned if one.levelname == "WARNING"]) <= 1
    assert not [one for one in warned if one.levelname == "ERROR"]
    monkeypatch.setattr(gateway, "create_item", create)
    renew(shop)
    assert newest_total(shop) == 2100


def test_w6_yen_are_rounded_half_up_by_line(shop: Shop) -> None:
    shop.subscribe("pro", currency="jpy")
    agree(shop, 10_000)
    use(shop, 5 + 5)
    renew(shop)
    assert newest_total(shop) == 3002, "5 times 0.3 yen are 1.5"
