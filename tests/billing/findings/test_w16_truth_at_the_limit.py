"""W16: what a 402 says is so at the moment of the refusal, and leads to the remedy."""

from __future__ import annotations

from typing import Any

import pytest

from billing.limits.overrides import add_override
from billing.usage.reservations import BudgetReached
from layers.engine.accept import Incoming, accept
from layers.engine.metering import AI_TOKENS, Reservation
from layers.errors import LimitReached
from tests.billing.shop import Shop

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def batch(shop: Shop, workflow_id: str, size: int) -> list[Any]:
    """So many starts in one transaction; what became of each."""
    (row,) = shop.rows("SELECT active_version_id AS id FROM workflows")
    incoming = Incoming(
        workspace_id=shop.person.workspace_id,
        workflow_id=workflow_id,
        version_id=row.id,
        source="batch",
        payload="[]",
        now=shop.clock.now(),
        may_wait=False,
    )
    with shop.parts.database.writing() as connection:
        return accept(connection, [incoming] * size, shop.parts.engine.meter)


def grant(shop: Shop, name: str, value: str) -> None:
    values: dict[str, Any] = {"workspace_id": shop.person.workspace_id, "name": name}
    values |= {"value": value, "reason": "agreed", "created_by": None, "expires_at": None}
    with shop.parts.database.writing() as connection:
        add_override(connection, values | {"now": shop.clock.now()})


def test_within_a_batch_those_before_are_used(shop: Shop) -> None:
    shop.subscribe("pro")
    workflow_id = shop.listen()
    shop.order()
    done = batch(shop, workflow_id, 6)
    refused = [one.refused for one in done if one.refused]
    assert [(one.used, one.limit) for one in refused] == [(5, 5), (5, 5)]
    assert "used 5 of the 5 executions" in str(refused[0].error().detail)


def test_at_a_cap_the_remedy_is_the_cap(shop: Shop) -> None:
    shop.subscribe("pro")
    workflow_id = shop.listen()
    wish = {"at_limit": {"executions": "overage"}, "overage_caps": {"executions": 2}}
    shop.call("PUT", "/billing/preferences", wish)
    batch(shop, workflow_id, 7)
    problem = shop.call("POST", f"/workflows/{workflow_id}/run", {}, 402)
    assert (problem["used"], problem["limit"]) == (7, 7)
    assert problem["upgrade_url"].endswith("/settings/billing?tab=alerts")
    assert "raise that cap" in problem["detail"]


def test_who_could_pay_beyond_is_told_so(shop: Shop) -> None:
    shop.subscribe("pro")
    workflow_id = shop.listen()
    batch(shop, workflow_id, 5)
    problem = shop.call("POST", f"/workflows/{workflow_id}/run", {}, 402)
    assert "An owner of the workspace can choose a larger plan" in problem["detail"]
    assert "agree to pay for what is beyond it" in problem["detail"]


def test_an_override_is_the_administrators(shop: Shop) -> None:
    shop.subscribe("pro")
    grant(shop, "executions", "2")
    workflow_id = shop.listen()
    batch(shop, workflow_id, 2)
    problem = shop.call("POST", f"/workflows/{workflow_id}/run", {}, 402)
    assert (problem["used"], problem["limit"]) == (2, 2)
    assert "the administrator of this instance granted" in problem["detail"]
    grant(shop, "members", "1")
    invite = {"email": "one@example.com", "role": "viewer"}
    problem = shop.call("POST", "/invitations", invite, 402)
    assert (problem["used"], problem["limit"]) == (1, 1)
    assert "The administrator can grant more." in problem["detail"]


def test_members_are_counted_with_those_who_are_invited(shop: Shop) -> None:
    shop.call("POST", "/invitations", {"email": "one@example.com", "role": "viewer"}, 201)
    invite = {"email": "two@example.com", "role": "viewer"}
    problem = shop.call("POST", "/invitations", invite, 402)
    assert (problem["used"], problem["limit"], problem["resets_at"]) == (2, 2, None)
    assert "with those who are invited" in problem["detail"]
    assert problem["upgrade_url"].endswith("/settings/billing")


def test_a_reservation_says_why_what_is_left_is_not_enough(shop: Shop) -> None:
    wish = Reservation("r", shop.person.workspace_id, "w", "e", AI_TOKENS, 60_000, 1e12)
    meter = shop.parts.engine.meter
    with shop.parts.database.writing() as connection:
        meter.reserve(connection, wish, shop.clock.now())
    other = Reservation("s", shop.person.workspace_id, "w", "e", AI_TOKENS, 60_000, 1e12)
    with shop.parts.database.writing() as connection, pytest.raises(LimitReached) as caught:
        meter.reserve(connection, other, shop.clock.now())
    assert caught.value.more["used"] == 0
    assert "needs up to 60000 more, and 60000 are kept" in str(caught.value.detail)


def test_a_budget_says_the_same_and_leads_to_the_budgets(shop: Shop) -> None:
    budget = {"scope": "month", "meter": "ai_tokens", "amount": 100}
    shop.call("POST", "/billing/budgets", budget, 201)
    wish = Reservation("r", shop.person.workspace_id, "w", "e", AI_TOKENS, 500, 1e12)
    meter = shop.parts.engine.meter
    with shop.parts.database.writing() as connection, pytest.raises(BudgetReached) as caught:
        meter.reserve(connection, wish, shop.clock.now())
    more = caught.value.more
    assert (more["meter"], more["limit"], more["used"]) == ("ai_tokens", 100, 0)
    assert str(more["upgrade_url"]).endswith("/settings/billing?tab=budgets")
    assert more["resets_at"] is not None
