"""W1: what an override or a larger plan included is never billed, whatever plan follows."""

from __future__ import annotations

from billing.accounts.statuses import DAY_S
from tests.billing.findings.bills import newest_total, renew
from tests.billing.shop import Shop
from tests.billing.usages import agree, overage, use


def test_w1_an_override_is_included(shop: Shop) -> None:
    shop.subscribe("pro")
    override = {
        "workspace_id": shop.person.workspace_id,
        "name": "executions",
        "value": 50,
        "reason": "a pilot",
    }
    shop.call("POST", "/instance/overrides", override, 201)
    use(shop, 20)
    renew(shop)
    assert newest_total(shop) == 2000


def test_w1_a_downgrade_bills_nothing_that_was_included(shop: Shop) -> None:
    shop.subscribe("team")
    use(shop, 9)
    shop.go_on(10 * DAY_S)
    shop.call("POST", "/billing/change", {"plan": "pro"})
    # What was paid for Team is credited, and pays this invoice from the balance.
    renew(shop)
    assert newest_total(shop) == 2000
    assert overage(shop) == 0


def test_w1_after_a_downgrade_only_what_is_agreed_to_is_billed(shop: Shop) -> None:
    shop.subscribe("team")
    use(shop, 9)
    shop.call("POST", "/billing/change", {"plan": "pro"})
    agree(shop, 5000)
    use(shop, 1000, source="agreed")
    renew(shop)
    assert newest_total(shop) == 2200, "a thousand at 0.2 cents; nine were included in Team"
