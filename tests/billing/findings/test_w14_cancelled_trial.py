"""W14: a trial that was cancelled was charged when it ended."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.billing.conftest import EXECUTIONS
from tests.billing.shop import Shop

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
DAY_S = 86_400


@pytest.fixture
def plans_file(tmp_path: Path) -> Path:
    """The plans that are shipped, with their trials."""
    from layers.settings.billing import BUILT_IN_PLANS

    plans = json.loads(BUILT_IN_PLANS.read_text())
    for plan in plans:
        plan["limits"]["executions"] = EXECUTIONS[plan["plan"]]
    path = tmp_path / "plans.json"
    path.write_text(json.dumps(plans))
    return path


def test_w14_a_cancelled_trial_ends_with_it_and_costs_nothing(shop: Shop) -> None:
    assert shop.subscribe("pro")["status"] == "trialing"
    shop.call("POST", "/billing/cancel")
    shop.go_on(15 * DAY_S)
    now = shop.subscription()
    assert (now["plan"], now["status"]) == ("free", "canceled")
    assert [one["total"] for one in shop.call("GET", "/billing/invoices")["items"]] == [0]
    assert not [one for one in shop.stripe.records.all("charge") if one["amount"]]


def test_w14_a_trial_that_was_cancelled_and_resumed_is_charged(shop: Shop) -> None:
    shop.subscribe("pro")
    shop.call("POST", "/billing/cancel")
    shop.call("POST", "/billing/resume")
    shop.go_on(15 * DAY_S)
    assert shop.subscription()["status"] == "active"
    assert [one["total"] for one in shop.call("GET", "/billing/invoices")["items"]] == [2000, 0]
