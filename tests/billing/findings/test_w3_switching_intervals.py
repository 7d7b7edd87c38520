"""W3: changing between month and year, again and again, begins no new month of usage."""

from __future__ import annotations

from tests.billing.shop import Shop
from tests.billing.usages import use


def test_w3_a_switch_keeps_what_was_used(shop: Shop) -> None:
    shop.subscribe("pro")
    use(shop, 5)
    began = shop.subscription()["usage_period_start"]
    for interval in ("year", "month", "year", "month"):
        shop.clock.advance(2)
        shop.call("POST", "/billing/change", {"plan": "pro", "interval": interval})
        shop.deliver()
        now = shop.subscription()
        assert now["interval"] == interval
        limit = now["limits"][0]
        assert (limit["used"], limit["ceiling"]) == (5, 5)
        assert now["usage_period_start"] == began
    workflow_id = shop.listen()
    refused = shop.person.program.post(f"/api/v1/workflows/{workflow_id}/run", json={})
    assert refused.status == 402


def test_w3_a_larger_plan_and_a_resumed_one_keep_the_month(shop: Shop) -> None:
    shop.subscribe("pro")
    began = shop.subscription()["usage_period_start"]
    shop.clock.advance(86_400)
    shop.call("POST", "/billing/change", {"plan": "team"})
    shop.call("POST", "/billing/cancel")
    shop.call("POST", "/billing/resume")
    assert shop.subscription()["usage_period_start"] == began


def test_w3_another_subscription_begins_a_month(shop: Shop) -> None:
    shop.subscribe("pro")
    use(shop, 5)
    shop.call("POST", "/billing/cancel")
    shop.go_on(28 * 86_400 + 7200)
    assert shop.subscription()["plan"] == "free"
    shop.subscribe("pro")
    now = shop.subscription()
    assert now["limits"][0]["used"] == 0
    assert now["usage_period_start"].startswith("2026-02-28T12:00")
