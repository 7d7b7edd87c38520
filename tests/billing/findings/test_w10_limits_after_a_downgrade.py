"""W10: plan limits did not hold at run time once a subscription had ended."""

from __future__ import annotations

from typing import Any

import pytest

from billing.accounts.statuses import DAY_S
from tests.billing.shop import Shop
from tests.billing.test_too_much import active, make_active

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def fallen(shop: Shop, workflows: int = 7) -> list[str]:
    """Seven active workflows of a Team that has ended: Free includes five."""
    shop.subscribe("team")
    ids = [make_active(shop, number) for number in range(workflows)]
    for number in range(2, workflows):
        assert shop.client.as_other().post(f"/hooks/p{number}", json={}).status == 202
        shop.clock.advance(1)
    shop.call("POST", "/billing/cancel")
    shop.go_on(29 * DAY_S)
    assert shop.subscription()["plan"] == "free"
    shop.jobs().keep_limits()
    return ids


def told(shop: Shop) -> list[Any]:
    items = shop.call("GET", "/billing/alerts")["items"]
    return [
        one["detail"]["change"]
        for one in items
        if one["kind"] == "above_limits" and one["resolved_at"] is None
    ]


def test_more_workflows_than_the_plan_has_stay_active_for_two_weeks_only(shop: Shop) -> None:
    fallen(shop)
    assert len(active(shop)) == 7
    assert told(shop) == ["since"]
    shop.clock.advance(10 * DAY_S)
    shop.jobs().keep_limits()
    assert told(shop) == ["since"]
    shop.clock.advance(1.5 * DAY_S)
    shop.jobs().keep_limits()
    assert set(told(shop)) == {"soon", "since"}
    assert len(active(shop)) == 7
    shop.clock.advance(2.6 * DAY_S)
    shop.jobs().keep_limits()
    assert active(shop) == {"w2", "w3", "w4", "w5", "w6"}, "those that ran last stay"
    assert told(shop) == ["deactivated"]
    assert shop.client.as_other().post("/hooks/p0", json={}).status == 404
    assert shop.client.as_other().post("/hooks/p6", json={}).status == 202
    shop.jobs().keep_limits()
    assert told(shop) == ["deactivated"]


def test_who_deactivates_some_is_left_alone(shop: Shop) -> None:
    ids = fallen(shop)
    for name in ids[:2]:
        shop.call("POST", f"/workflows/{name}/deactivate")
    shop.jobs().keep_limits()
    assert told(shop) == []
    shop.clock.advance(20 * DAY_S)
    shop.jobs().keep_limits()
    assert len(active(shop)) == 5


def test_who_subscribes_again_within_the_grace_keeps_all(shop: Shop) -> None:
    fallen(shop)
    shop.subscribe("pro")
    shop.jobs().keep_limits()
    shop.clock.advance(15 * DAY_S)
    shop.jobs().keep_limits()
    assert len(active(shop)) == 7
    assert told(shop) == []


def test_what_was_chosen_when_it_was_cancelled_stops_with_the_plan(shop: Shop) -> None:
    shop.subscribe("team")
    ids = [make_active(shop, number) for number in range(7)]
    shop.call("POST", "/billing/cancel", {"deactivate_workflow_ids": ids[5:]})
    shop.go_on(27 * DAY_S)
    shop.jobs().keep_limits()
    assert len(active(shop)) == 7, "the plan holds to the end of its period"
    shop.go_on(2 * DAY_S)
    shop.jobs().keep_limits()
    assert active(shop) == {f"w{number}" for number in range(5)}
    assert told(shop) == []


def test_what_was_chosen_is_forgotten_by_who_resumes(shop: Shop) -> None:
    shop.subscribe("team")
    ids = [make_active(shop, number) for number in range(7)]
    shop.call("POST", "/billing/cancel", {"deactivate_workflow_ids": ids[5:]})
    shop.call("POST", "/billing/resume")
    shop.go_on(29 * DAY_S)
    shop.jobs().keep_limits()
    assert len(active(shop)) == 7


def test_an_override_keeps_them_active(shop: Shop) -> None:
    fallen(shop)
    with shop.parts.database.writing() as connection:
        from billing.limits.overrides import add_override

        values: dict[str, Any] = {"workspace_id": shop.person.workspace_id, "expires_at": None}
        values |= {"name": "active_workflows", "value": "10", "reason": "agreed"}
        add_override(connection, values | {"created_by": None, "now": shop.clock.moment})
    shop.jobs().keep_limits()
    shop.clock.advance(20 * DAY_S)
    shop.jobs().keep_limits()
    assert len(active(shop)) == 7


def test_memory_time_and_pauses_are_those_of_the_plan_that_holds(shop: Shop) -> None:
    """What a run may take is held at each run: ``tests/billing/test_gates.py`` has the details."""
    shop.subscribe("team")
    code = {"code": "def run(items):\n    return []\n", "memory_mb": 1024}
    step = {"id": "p", "type": "python", "params": code}
    shop.call("POST", "/billing/change", {"plan": "pro"})
    workflow = {"name": "w", "nodes": [step], "settings": {}}
    made = shop.call("POST", "/workflows", workflow, 201)
    shop.call("POST", "/billing/cancel")
    shop.go_on(29 * DAY_S)
    answer = shop.person.program.post(f"/api/v1/workflows/{made['id']}/run", json={})
    assert answer.status == 402, answer.text
    assert answer.json()["meter"] == "sandbox_memory_mb"
    body = {"code": code["code"], "items": [], "memory_mb": 1024}
    trial = shop.person.program.post("/api/v1/code/run", json=body)
    assert trial.status == 402, trial.text
