"""What a workspace has beyond a smaller plan: told before, chosen, and applied when it holds."""

from __future__ import annotations

from typing import Any

import pytest

from billing.accounts.statuses import DAY_S
from billing.usage.storage import measure_storage
from tests.billing.shop import HOOK, Shop
from tests.http.people import Guest, bring

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def join(shop: Shop, number: int, role: str) -> Guest:
    return bring(shop.person, shop.client, role, f"p{number}@example.com")


def status_of(shop: Shop, guest: Guest) -> int:
    """What the guest's browser is answered, and the key of who has one."""
    by_browser = guest.browser.get("/api/v1/workflows").status
    if guest.api_key:
        key = {"Authorization": f"Bearer {guest.api_key}"}
        assert shop.client.as_other().get("/api/v1/workflows", headers=key).status == by_browser
    return by_browser


def make_active(shop: Shop, number: int, *more: dict[str, Any], **settings: Any) -> str:
    hook = {**HOOK["nodes"][0], "params": {"path": f"p{number}", "method": "POST"}}  # type: ignore[index,dict-item]
    workflow = {"name": f"w{number}", "nodes": [hook, *more], "settings": settings}
    made = shop.call("POST", "/workflows", workflow, 201)
    shop.call("POST", f"/workflows/{made['id']}/activate")
    return str(made["id"])


def active(shop: Shop) -> set[str]:
    items = shop.call("GET", "/workflows?limit=200")["items"]
    return {one["name"] for one in items if one["active"]}


def beyond(shop: Shop, plan: str = "free", seats: int = 1) -> dict[str, Any]:
    found = shop.call("GET", f"/billing/too-much?plan={plan}&seats={seats}")["items"]
    return {one["name"]: one for one in found}


def test_a_smaller_plan_says_what_is_beyond_it(shop: Shop) -> None:
    shop.subscribe("team")
    large = {"id": "p", "type": "python", "params": {"code": "def run(items):\n    return []\n"}}
    large["params"]["memory_mb"] = 1024  # type: ignore[index]
    often = {"id": "s", "type": "schedule", "params": {"every_s": 15}}
    for number in range(5):
        make_active(shop, number)
    make_active(shop, 5, large, often, timeout_s=600)
    join(shop, 1, "viewer")
    join(shop, 2, "editor")
    with shop.parts.database.writing() as connection:
        workspace_id = shop.person.workspace_id
        measure_storage(connection, {workspace_id: 600 * 2**20}, shop.clock.moment)
    found = beyond(shop)
    assert (found["active_workflows"]["limit"], found["active_workflows"]["used"]) == (5, 6)
    assert found["active_workflows"]["effect"] == "deactivated"
    assert {one["name"] for one in found["active_workflows"]["items"]} == {
        f"w{number}" for number in range(6)
    }
    assert (found["members"]["limit"], found["members"]["used"]) == (2, 3)
    assert sorted(one["detail"] for one in found["members"]["items"]) == [
        "editor",
        "owner",
        "viewer",
    ]
    assert (found["storage_bytes"]["effect"], found["storage_bytes"]["used"]) == (
        "no_activation",
        600 * 2**20,
    )
    assert found["sandbox_memory_mb"]["items"][0]["detail"] == "1024"
    assert found["minimum_poll_seconds"]["used"] == 15
    assert found["timeout_seconds"]["effect"] == "runs_end"
    assert beyond(shop, "pro", 1).keys() == {"minimum_poll_seconds"}
    assert beyond(shop, "team") == {}


def test_the_preview_of_a_change_lists_it(shop: Shop) -> None:
    shop.subscribe("team")
    shop.listen()
    for _ in range(8):
        shop.order()
    preview = shop.call("POST", "/billing/change", {"plan": "pro", "preview": True})
    (usage,) = preview["too_much"]
    assert (usage["name"], usage["limit"], usage["used"]) == ("executions", 5, 8)
    assert usage["effect"] == "queue"
    assert preview["included"]["executions"] == 5
    assert preview["next_amount"] == 2000
    assert preview["begins_at"] is None


def test_fewer_seats_are_a_smaller_plan(shop: Shop) -> None:
    shop.subscribe("pro", seats=2)
    for number in range(5):
        join(shop, number, "viewer")
    wish = {"plan": "pro", "seats": 1, "preview": True}
    (members,) = shop.call("POST", "/billing/change", wish)["too_much"]
    assert (members["limit"], members["used"]) == (5, 6)


def test_what_is_chosen_stops_when_the_smaller_plan_holds(shop: Shop) -> None:
    shop.subscribe("pro", seats=2)
    editor = join(shop, 1, "editor")
    ids = [make_active(shop, number) for number in range(3)]
    wish = {"plan": "pro", "seats": 1, "deactivate_workflow_ids": ids[:1]}
    shop.call("POST", "/billing/change", {**wish, "remove_member_ids": [editor.user_id]})
    assert active(shop) == {"w1", "w2"}
    answer = shop.client.as_other().post("/hooks/p0", json={})
    assert answer.status == 404, "as any that was deactivated"
    assert status_of(shop, editor) == 401
    members = {one["user_id"]: one for one in shop.call("GET", "/members")["items"]}
    assert members[editor.user_id]["suspended_at"] is not None
    assert members[editor.user_id]["role"] == "editor"
    shop.call("POST", f"/members/{editor.user_id}/restore")
    assert status_of(shop, editor) == 200


def test_whoever_is_suspended_does_not_count_and_comes_back_where_there_is_room(shop: Shop) -> None:
    shop.subscribe("pro")
    people = [join(shop, number, "viewer") for number in range(3)]
    shop.call("POST", "/billing/cancel", {"remove_member_ids": [one.user_id for one in people[:2]]})
    assert status_of(shop, people[0]) == 200, "not yet"
    shop.go_on(29 * DAY_S)
    assert shop.subscription()["plan"] == "free"
    shop.jobs().keep_limits()
    assert "members" not in beyond(shop)
    problem = shop.call("POST", f"/members/{people[0].user_id}/restore", status=402)
    assert (problem["limit"], problem["used"]) == (2, 2)


@pytest.mark.parametrize(
    ("choice", "pointer"),
    [
        ({"deactivate_workflow_ids": ["018f0000-0000-7000-8000-000000000000"]}, "workflow"),
        ({"remove_member_ids": ["018f0000-0000-7000-8000-000000000000"]}, "member"),
    ],
)
def test_only_what_is_there_can_be_chosen(shop: Shop, choice: dict[str, Any], pointer: str) -> None:
    shop.subscribe("team")
    problem = shop.call("POST", "/billing/change", {"plan": "pro", **choice}, 422)
    (error,) = problem["errors"]
    assert pointer in error["pointer"]
    assert shop.subscription()["plan"] == "team"


def test_nobody_suspends_themselves(shop: Shop) -> None:
    shop.subscribe("team")
    wish = {"plan": "pro", "remove_member_ids": [shop.person.user_id]}
    shop.call("POST", "/billing/change", wish, 422)
