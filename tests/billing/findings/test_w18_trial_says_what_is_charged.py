"""W18: the banner of a trial said that a card was needed where one was there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.billing.conftest import EXECUTIONS
from tests.billing.shop import Shop

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


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


def test_a_trial_says_what_is_charged_when_and_on_which_card(shop: Shop) -> None:
    now = shop.subscribe("pro")
    assert (now["status"], now["banner"], now["amount"]) == ("trialing", "trial", 2000)
    assert now["trial_end"].startswith("2026-02-14T10:00")
    assert now["charged"] == {"type": "card", "brand": "visa", "last4": "4242"}
    assert now["cancel_at_period_end"] is False


def test_a_downgrade_waits_for_the_end_of_the_trial(shop: Shop) -> None:
    shop.subscribe("team")
    now = shop.call("POST", "/billing/change", {"plan": "pro", "when": "period_end"})
    assert now["scheduled_change"]["at"].startswith("2026-02-14T10:00")
    shop.go_on(14 * 86_400 + 7200)
    now = shop.subscription()
    assert (now["plan"], now["status"], now["amount"]) == ("pro", "active", 2000)
    assert [one["total"] for one in shop.call("GET", "/billing/invoices")["items"]] == [2000, 0]
