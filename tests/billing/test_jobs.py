"""What billing does on its own, and how long a plan keeps executions."""

from __future__ import annotations

import asyncio
import time

import pytest

from billing.accounts.statuses import DAY_S
from tests.billing.shop import Shop
from tests.billing.usages import agree
from triggers.housekeeping.pruner import Pruner

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def pruned(shop: Shop) -> int:
    pruner = Pruner(shop.parts.database, shop.clock, shop.parts.settings.billing)
    return asyncio.run(pruner.prune_now())


def test_everything_that_is_due_is_done(shop: Shop) -> None:
    shop.subscribe("pro")
    shop.listen()
    agree(shop, 1)
    for _ in range(7):
        shop.order()
    shop.parts.accounts.gateway.cancel(shop.living()[0]["id"])
    shop.stripe.deliveries.held.clear()
    shop.do_jobs()
    assert [one["quantity"] for one in shop.stripe.records.all("invoiceitem")] == [1]
    kinds = {one["kind"] for one in shop.call("GET", "/billing/alerts")["items"]}
    assert kinds == {"subscription", "usage"}
    assert shop.rows("SELECT 1 FROM usage_ledger WHERE meter = 'storage_byte_hours'")
    shop.clock.advance(DAY_S + 1)
    shop.do_jobs()
    shop.do_jobs()
    assert shop.subscription()["status"] == "canceled", "reconciliation found it"


def test_a_new_month_lets_kept_executions_run(shop: Shop) -> None:
    shop.listen()
    for _ in range(5):
        shop.order()
    shop.do_jobs()
    assert shop.subscription()["held_executions"] == 2
    shop.clock.advance(DAY_S)
    shop.do_jobs()
    assert shop.subscription()["held_executions"] == 0
    assert shop.subscription()["limits"][0]["used"] == 2, "they count in the month they run in"


def test_a_cancelled_one_does_not_run_later(shop: Shop) -> None:
    shop.listen()
    ids = [shop.order().json()["execution_id"] for _ in range(4)]
    shop.call("POST", f"/executions/{ids[3]}/cancel", status=202)
    shop.clock.advance(DAY_S)
    shop.do_jobs()
    assert shop.call("GET", f"/executions/{ids[3]}")["status"] == "cancelled"


def test_free_keeps_executions_for_a_week(shop: Shop) -> None:
    # Ids of executions hold the real time.
    shop.clock.moment = time.time()
    workflow_id = shop.listen()
    shop.call("POST", f"/workflows/{workflow_id}/run", {"source": "draft", "wait": 120})
    shop.clock.advance(6 * DAY_S)
    assert pruned(shop) == 0
    shop.clock.advance(2 * DAY_S)
    assert pruned(shop) == 1


def test_after_a_plan_ended_nothing_goes_for_a_month(shop: Shop) -> None:
    shop.clock.moment = time.time()
    shop.subscribe("pro")
    workflow_id = shop.listen()
    shop.call("POST", f"/workflows/{workflow_id}/run", {"source": "draft", "wait": 120})
    shop.clock.advance(20 * DAY_S)
    shop.parts.accounts.gateway.cancel(shop.living()[0]["id"])
    shop.deliver()
    assert pruned(shop) == 0
    shop.clock.advance(29 * DAY_S)
    assert pruned(shop) == 0
    shop.clock.advance(2 * DAY_S)
    assert pruned(shop) == 1
