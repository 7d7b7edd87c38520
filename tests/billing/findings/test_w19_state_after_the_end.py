"""W19: after the end an account says that nothing is still to end, and no plan is subscribed."""

from __future__ import annotations

import pytest

from tests.billing.shop import Shop

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def test_after_the_end_nothing_is_still_to_end(shop: Shop) -> None:
    shop.subscribe("pro")
    assert shop.call("POST", "/billing/cancel")["cancel_at_period_end"] is True
    assert shop.subscription()["subscribed_plan"] == "pro"
    shop.go_on(30 * 86_400)
    now = shop.subscription()
    assert (now["status"], now["cancel_at_period_end"]) == ("canceled", False)
    assert (now["plan"], now["subscribed_plan"]) == ("free", None)
    assert now["actions"] == ["checkout"]
