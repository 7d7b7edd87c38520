"""What a plan does not include is refused where it is asked for, with the way to more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from billing.usage.storage import measure_storage
from tests.billing.shop import HOOK, Shop
from tests.conftest import Person
from tests.http.people import bring

FREE = {"active_workflows": 5, "members": 2, "retention_days": 7}

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def refused(answer: Any, meter: str) -> dict[str, Any]:
    assert answer.status == 402, answer.text
    problem: dict[str, Any] = answer.json()
    assert problem["meter"] == meter
    assert problem["upgrade_url"].endswith("/settings/billing")
    assert {"limit", "used", "resets_at", "detail"} <= set(problem)
    return problem


def make(shop: Shop, number: int) -> str:
    hook = {**HOOK["nodes"][0], "params": {"path": f"p{number}", "method": "POST"}}  # type: ignore[index,dict-item]
    workflow = {"name": f"w{number}", "nodes": [hook]}
    return str(shop.call("POST", "/workflows", workflow, 201)["id"])


def test_active_workflows(shop: Shop) -> None:
    names = [make(shop, number) for number in range(6)]
    for name in names[:5]:
        shop.call("POST", f"/workflows/{name}/activate")
    last = shop.person.program.post(f"/api/v1/workflows/{names[5]}/activate")
    assert refused(last, "active_workflows")["limit"] == 5
    shop.call("POST", f"/workflows/{names[0]}/activate")
    shop.call("POST", f"/workflows/{names[0]}/deactivate")
    shop.call("POST", f"/workflows/{names[5]}/activate")


@pytest.mark.parametrize(
    ("node", "meter"),
    [
        ({"id": "s", "type": "schedule", "params": {"every_s": 30}}, "minimum_poll_seconds"),
        (
            {
                "id": "p",
                "type": "python",
                "params": {"code": "def run(items):\n    return items\n", "memory_mb": 512},
            },
            "sandbox_memory_mb",
        ),
    ],
)
def test_what_a_workflow_asks_for(shop: Shop, node: dict[str, Any], meter: str) -> None:
    workflow = {"name": "w", "nodes": [HOOK["nodes"][0], node]}  # type: ignore[index]
    made = shop.call("POST", "/workflows", workflow, 201)
    answer = shop.person.program.post(f"/api/v1/workflows/{made['id']}/activate")
    refused(answer, meter)
    shop.subscribe("team")
    shop.call("POST", f"/workflows/{made['id']}/activate")


def test_a_workflows_time_limit(shop: Shop) -> None:
    workflow = {"name": "w", "nodes": [HOOK["nodes"][0]], "settings": {"timeout_s": 301}}  # type: ignore[index]
    made = shop.call("POST", "/workflows", workflow, 201)
    refused(shop.person.program.post(f"/api/v1/workflows/{made['id']}/activate"), "timeout_seconds")


def test_members_and_invitations(shop: Shop, sign_up: Callable[..., Person]) -> None:
    invite = {"email": "one@example.com", "role": "viewer"}
    shop.call("POST", "/invitations", invite, 201)
    answer = shop.person.program.post(
        "/api/v1/invitations", json={"email": "two@example.com", "role": "viewer"}
    )
    refused(answer, "members")


def test_joining_when_it_is_full(shop: Shop) -> None:
    shop.subscribe("pro")
    bring(shop.person, shop.client.as_other(), "viewer", "a@example.com")
    url = shop.call("POST", "/invitations", {"email": "b@example.com", "role": "viewer"}, 201)[
        "url"
    ]
    token = url.partition("#")[2]
    shop.parts.accounts.gateway.cancel(shop.living()[0]["id"])
    shop.deliver()
    assert shop.subscription()["plan"] == "free"
    browser = shop.client.as_other()
    signed_up = browser.post(
        "/api/v1/auth/signup",
        json={"email": "b@example.com", "password": "correct horse battery", "name": "B"},
    ).json()
    browser.headers["X-CSRF-Token"] = signed_up["csrf_token"]
    refused(browser.post("/api/v1/auth/join", json={"token": token}), "members")


def test_retention(shop: Shop) -> None:
    answer = shop.person.program.put("/api/v1/workspace/retention", json={"days": 30})
    refused(answer, "retention_days")
    shop.call("PUT", "/workspace/retention", {"days": 7})


@pytest.mark.parametrize(
    ("method", "path", "body", "feature"),
    [
        ("GET", "/audit-log/export", ..., "audit_log_export"),
        ("PUT", "/package-policy", {"deny": ["evil"]}, "package_policy"),
    ],
)
def test_features(shop: Shop, method: str, path: str, body: Any, feature: str) -> None:
    answer = shop.person.program.request(method, f"/api/v1{path}", json=body)
    refused(answer, feature)
    shop.subscribe("team")
    assert shop.person.program.request(method, f"/api/v1{path}", json=body).status == 200


def test_calls_of_the_api(shop: Shop) -> None:
    calls = shop.client.app.state.api_calls
    for _ in range(5):
        shop.subscription()
    assert calls.write() >= 5
    body = {
        "workspace_id": shop.person.workspace_id,
        "name": "api_calls",
        "value": 3,
        "reason": "a test",
    }
    shop.call("POST", "/instance/overrides", body, 201)
    calls.write()
    refused(shop.person.program.get("/api/v1/billing/plans"), "api_calls")
    assert shop.person.browser.get("/api/v1/billing/plans").status == 200, "people may look"
    shop.clock.advance(86_400)
    assert shop.person.program.get("/api/v1/billing/plans").status == 200, "a new month"


def test_only_owners_pay(shop: Shop) -> None:
    viewer = bring(shop.person, shop.client.as_other(), "viewer", "v@example.com")
    answer = viewer.browser.get("/api/v1/billing/subscription")
    assert answer.status == 200
    assert viewer.browser.get("/api/v1/billing/invoices").status == 403
    assert viewer.browser.post("/api/v1/billing/cancel").status == 403


def test_storage(shop: Shop) -> None:
    first, second = make(shop, 1), make(shop, 2)
    shop.call("POST", f"/workflows/{first}/activate")
    sizes = {shop.person.workspace_id: 512 * 2**20}
    with shop.parts.database.writing() as connection:
        measure_storage(connection, sizes, shop.clock.now())
        measure_storage(connection, sizes, shop.clock.now())
    answer = shop.person.program.post(f"/api/v1/workflows/{second}/activate")
    refused(answer, "storage_bytes")
    shop.call("POST", f"/workflows/{first}/activate")
    (row,) = shop.rows("SELECT count(*) AS n FROM usage_ledger WHERE meter = 'storage_byte_hours'")
    assert row.n == 1, "once an hour, however often it is measured"


@pytest.mark.parametrize("respond", ["received", "last_node"])
def test_webhooks_at_the_limit(shop: Shop, respond: str) -> None:
    """Who waits for an answer is refused; so is everybody where the workspace wants that."""
    shop.call("PUT", "/billing/preferences", {"at_limit": {"executions": "refuse"}})
    hook = {"path": "asked", "method": "POST", "respond": respond}
    workflow = {"name": "w", "nodes": [{"id": "h", "type": "webhook", "params": hook}]}
    made = shop.call("POST", "/workflows", workflow, 201)
    shop.call("POST", f"/workflows/{made['id']}/activate")
    world = shop.client.as_other()
    statuses = [world.post("/hooks/asked", json={}).status for _ in range(3)]
    assert all(status < 300 for status in statuses)
    refused(world.post("/hooks/asked", json={}), "executions")
    (row,) = shop.rows("SELECT count(*) AS n FROM events")
    assert row.n == 3, "what is refused is not kept"


def test_usage_takes_days_and_moments(shop: Shop) -> None:
    shop.listen()
    shop.order()
    for since in ("2026-01-31", "2026-01-31T10:00:00Z"):
        found = shop.call("GET", f"/billing/usage?from={since}&to=2026-02-01&granularity=hour")
        assert found["totals"]["executions"] == 1
    for wrong in ("from=2026-02-30", "from=2026-02-01&to=2026-01-01", "granularity=week"):
        shop.call("GET", f"/billing/usage?{wrong}", status=422)
    csv = shop.person.program.get("/api/v1/billing/usage/export?from=2026-01-31&to=2026-02-01")
    assert csv.text.splitlines()[0] == "start,meter,detail,quantity,unit"
    assert "executions" in csv.text
