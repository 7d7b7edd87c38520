"""Finding 8: the plan's memory and time hold at every run, and not at activation only."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from billing.limits.admission import meter_of
from billing.limits.bounded_sandbox import DEFAULT_MEMORY_MB, DEFAULT_TIMEOUT_S, BoundedSandbox
from functions.parts import Parts
from layers.engine.payload_store import PayloadStore
from layers.sandbox.memory import ScriptedSandbox
from layers.sandbox.port import Outcome, SandboxLimits, SandboxRequest, SandboxResult
from sandbox_runner.limits import Limits
from tests.billing import conftest as shop_fixtures
from tests.billing.shop import HOOK, Shop
from triggers.context import Loan
from triggers.plans import Plans
from triggers.poll_slots import PollSlots
from triggers.polling import Poller, PollParts

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

CODE = "def run(items):\n    return items\n"
TOO_LARGE = [
    pytest.param({"memory_mb": 1500}, "sandbox_memory_mb", id="memory"),
    pytest.param({"timeout_s": 301}, "timeout_seconds", id="time"),
]
MODES = ["run", "warm"]
# An instance with billing on, as its own tests have it.
sandbox, parts, client = shop_fixtures.sandbox, shop_fixtures.parts, shop_fixtures.client


def python(params: dict[str, Any], hook: Any = HOOK["nodes"][0]) -> dict[str, Any]:  # type: ignore[index]
    node = {"id": "code", "type": "python", "params": {"code": CODE, **params}}
    connection = {"from": hook["id"], "to": "code"}
    return {"name": "Code", "nodes": [hook, node], "connections": [connection]}


def refused(answer: Any, meter: str, limit: int) -> None:
    assert answer.status == 402, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["meter"], problem["limit"]) == (meter, limit)
    assert problem["upgrade_url"].endswith("/settings/billing")
    assert {"used", "resets_at"} <= set(problem)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("params", "meter"), TOO_LARGE)
def test_code_that_is_tried_out(
    shop: Shop, sandbox: ScriptedSandbox, params: dict[str, Any], meter: str, mode: str
) -> None:
    for accept in ("application/json", "application/x-ndjson"):
        headers = {"Accept": accept, **shop.person.program.headers}
        # Of the API 300 seconds are the most, which Free has: a smaller plan says less.
        body = {"code": CODE, "mode": mode, **params, "timeout_s": 300}
        if meter == "timeout_seconds":
            override(shop, "timeout_seconds", 60)
        answer = shop.person.program.request("POST", "/api/v1/code/run", headers=headers, json=body)
        refused(answer, meter, 256 if meter == "sandbox_memory_mb" else 60)
    assert sandbox.requests == []
    fits = {"code": CODE, "mode": mode, "timeout_s": 60, "memory_mb": 256}
    assert shop.call("POST", "/code/run", fits)["outcome"] == "ok"


def override(shop: Shop, name: str, value: int) -> None:
    body = {"workspace_id": shop.person.workspace_id, "name": name, "value": value}
    shop.call("POST", "/instance/overrides", {**body, "reason": "a test"}, 201)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("params", "meter"), TOO_LARGE)
def test_runs_by_hand(
    shop: Shop, sandbox: ScriptedSandbox, params: dict[str, Any], meter: str, mode: str
) -> None:
    """A whole workflow that never was active, its draft, and one node of it."""
    made = shop.call("POST", "/workflows", python({**params, "mode": mode}), 201)
    for body in (
        {},
        {"wait": 5},
        {"source": "draft"},
        {"node_id": "code"},
        {"node_id": "code", "scope": "node"},
    ):
        answer = shop.person.program.post(f"/api/v1/workflows/{made['id']}/run", json=body)
        refused(answer, meter, 256 if meter == "sandbox_memory_mb" else 300)
    assert sandbox.requests == []
    shop.subscribe("team")
    ended = shop.call("POST", f"/workflows/{made['id']}/run", {"wait": 30})
    assert ended["status"] == "succeeded"
    assert len(sandbox.requests) == 1


def test_a_workflow_that_asks_for_too_much_time(shop: Shop) -> None:
    workflow = {**HOOK, "settings": {"timeout_s": 301}}
    made = shop.call("POST", "/workflows", workflow, 201)
    refused(shop.person.program.post(f"/api/v1/workflows/{made['id']}/run"), "timeout_seconds", 300)


@pytest.mark.parametrize(("params", "meter"), TOO_LARGE)
def test_what_was_activated_under_a_larger_plan(
    shop: Shop, sandbox: ScriptedSandbox, params: dict[str, Any], meter: str
) -> None:
    """Nobody waits: the event is kept, and the step fails and says why. A retry is refused."""
    shop.subscribe("team")
    hook = {
        "id": "hook",
        "type": "webhook",
        "params": {"path": "orders", "method": "POST", "respond": "last_node"},
    }
    made = shop.call("POST", "/workflows", python(params, hook), 201)
    shop.call("POST", f"/workflows/{made['id']}/activate")
    assert shop.order().status == 200
    ran = len(sandbox.requests)
    assert ran == 1
    shop.parts.accounts.gateway.cancel(shop.living()[0]["id"])
    shop.deliver()
    assert shop.subscription()["plan"] == "free"
    assert shop.order().status == 500
    found = shop.call("GET", "/executions?status=failed")["items"]
    failed = shop.call("GET", f"/executions/{found[0]['id']}")
    (step,) = [one for one in failed["steps"] if one["node_id"] == "code"]
    assert step["error"]["kind"] == "limit_reached"
    assert "the plan Free allows" in step["error"]["message"]
    assert step["error"]["detail"]["meter"] == meter
    assert len(sandbox.requests) == ran, "no attempt of it ran"
    retried = shop.person.program.post(f"/api/v1/executions/{failed['id']}/retry")
    refused(retried, meter, 256 if meter == "sandbox_memory_mb" else 300)
    bulk = {"action": "retry", "ids": [failed["id"]]}
    (skipped,) = shop.call("POST", "/execution-changes", bulk)["skipped"]
    assert "the plan Free allows" in skipped["reason"]


def test_a_run_that_takes_longer_than_a_smaller_plan_allows(
    shop: Shop, sandbox: ScriptedSandbox
) -> None:
    def take_long(request: SandboxRequest) -> SandboxResult:
        shop.clock.advance(301)
        return SandboxResult(Outcome.OK, items=[])

    shop.subscribe("team")
    hook = {
        "id": "hook",
        "type": "webhook",
        "params": {"path": "orders", "method": "POST", "respond": "last_node"},
    }
    workflow = {**python({}, hook), "settings": {"timeout_s": 3600}}
    workflow["nodes"].append({"id": "after", "type": "python", "params": {"code": CODE}})
    workflow["connections"].append({"from": "code", "to": "after"})
    made = shop.call("POST", "/workflows", workflow, 201)
    shop.call("POST", f"/workflows/{made['id']}/activate")
    sandbox.script = take_long
    assert shop.order().status == 200
    shop.parts.accounts.gateway.cancel(shop.living()[0]["id"])
    shop.deliver()
    shop.clock.advance(60)
    assert shop.order().status == 500
    (found,) = shop.call("GET", "/executions?status=failed")["items"]
    failed = shop.call("GET", f"/executions/{found['id']}")
    assert failed["error"]["kind"] == "limit_reached"
    assert "300 s that the workspace's plan allows" in failed["error"]["message"]


def test_who_asks_for_nothing_gets_no_more_than_the_plan(
    shop: Shop, sandbox: ScriptedSandbox
) -> None:
    """The runner's own defaults do not lead past a small plan either."""
    assert (Limits().timeout_s, Limits().memory_mb) == (DEFAULT_TIMEOUT_S, DEFAULT_MEMORY_MB)
    override(shop, "sandbox_memory_mb", 128)
    override(shop, "timeout_seconds", 5)
    assert isinstance(shop.parts.sandbox, BoundedSandbox)
    assert shop.parts.engine.services.sandbox is shop.parts.sandbox
    request = SandboxRequest("r", shop.person.workspace_id, CODE, [])

    async def run() -> SandboxResult:
        return await shop.parts.sandbox.run(request)

    asyncio.run(run())
    assert sandbox.requests[0].limits == SandboxLimits(timeout_s=5, memory_mb=128)


def test_a_schedule_of_a_larger_plan_is_slowed_down(shop: Shop) -> None:
    """One that keeps the plan's pause keeps its instants."""
    shop.subscribe("team")
    fast, steady = (
        shop.call(
            "POST",
            "/workflows",
            {"name": f"every {pause}", "nodes": [schedule(pause)]},
            201,
        )["id"]
        for pause in (20, 60)
    )
    for workflow_id in (fast, steady):
        shop.call("POST", f"/workflows/{workflow_id}/activate")
    poller = make_poller(shop.parts)
    start = 60.0 * (shop.clock.now() // 60 + 10)
    shop.clock.moment = start
    asyncio.run(poller.poll_due())
    assert due(shop, fast) == start + 20
    shop.parts.accounts.gateway.cancel(shop.living()[0]["id"])
    shop.deliver()
    seen: dict[str, list[float]] = {fast: [], steady: []}
    for _ in range(4):
        shop.clock.moment = min(due(shop, fast), due(shop, steady)) + 0.25
        asyncio.run(poller.poll_due())
        for workflow_id, moments in seen.items():
            if due(shop, workflow_id) not in moments:
                moments.append(due(shop, workflow_id))
    pauses = [later - earlier for earlier, later in zip(seen[fast], seen[fast][1:], strict=False)]
    assert all(pause >= 60 for pause in pauses), seen[fast]
    assert all(moment % 60 == 0 for moment in seen[steady]), seen[steady]


def schedule(pause: int) -> dict[str, Any]:
    return {"id": "s", "type": "schedule", "params": {"every_s": pause}}


def due(shop: Shop, workflow_id: str) -> float:
    (row,) = shop.rows("SELECT due_at FROM triggers WHERE workflow_id = :id", id=workflow_id)
    return float(row.due_at)


def make_poller(parts: Parts) -> Poller:
    types = parts.catalogue
    services = parts.engine.services
    return Poller(
        PollParts(
            owner="test",
            database=parts.database,
            clock=parts.clock,
            plans=Plans(parts.database, types),
            loan=Loan(parts.http, services.files, services.credentials),
            payloads=PayloadStore(parts.artifacts, parts.settings.limits.inline_bytes),
            notifier=parts.notifier,
            meter=meter_of(parts.settings),
            slots=PollSlots(["schedule"]),
        )
    )
