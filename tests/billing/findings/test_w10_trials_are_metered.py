"""W10: processor time of `POST /code/run` and of trials of drafts was counted nowhere."""

from __future__ import annotations

import pytest

from layers.sandbox.memory import ScriptedSandbox
from layers.sandbox.port import Outcome, SandboxError, SandboxRequest, SandboxResult
from tests.billing.shop import Shop

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
CODE = {"code": "def run(items): return items", "items": []}
LEDGER = "SELECT * FROM usage_ledger WHERE meter = :meter ORDER BY recorded_at, source_id"


def busy(request: SandboxRequest) -> SandboxResult:
    """A run that took 1.25 seconds of a processor, and asked two hosts."""
    allowed = {"host": "a.example", "port": 443, "allowed": True, "bytes_in": 40, "bytes_out": 2}
    refused = {"host": "b.example", "port": 443, "allowed": False, "bytes_in": 0, "bytes_out": 0}
    refused["reason"] = "not allowed"
    return SandboxResult(
        Outcome.OK,
        items=[dict(one) for one in request.items],
        usage={"cpu_s": 1.25},
        hosts=[allowed, refused],
    )


def test_code_that_is_tried_out_counts(shop: Shop, sandbox: ScriptedSandbox) -> None:
    sandbox.script = busy
    for _ in range(2):
        assert shop.call("POST", "/code/run", CODE)["outcome"] == "ok"
    rows = shop.rows(LEDGER, meter="sandbox_cpu_ms")
    assert [one.quantity for one in rows] == [1250, 1250]
    assert len({one.source_id for one in rows}) == 2
    assert {one.source_id.split(":")[0] for one in rows} == {"code_run"}
    assert {one.workspace_id for one in rows} == {shop.person.workspace_id}
    assert [one.quantity for one in shop.rows(LEDGER, meter="egress_bytes")] == [42, 42]


def test_code_that_fails_counts_and_a_runner_that_fails_does_not(
    shop: Shop, sandbox: ScriptedSandbox
) -> None:
    usage = {"cpu_s": 0.5}
    ends = iter([Outcome.USER_ERROR, Outcome.INFRASTRUCTURE])
    error = SandboxError("It went wrong.")
    sandbox.script = lambda _request: SandboxResult(next(ends), error=error, usage=usage)
    for _ in range(2):
        shop.call("POST", "/code/run", CODE)
    assert [one.quantity for one in shop.rows(LEDGER, meter="sandbox_cpu_ms")] == [500]


def test_a_trial_of_a_draft_counts_what_it_uses_and_no_execution(
    shop: Shop, sandbox: ScriptedSandbox
) -> None:
    sandbox.script = busy
    node = {"id": "code", "type": "python", "params": {"code": CODE["code"]}}
    document = {
        "name": "Tried",
        "nodes": [{"id": "start", "type": "manual"}, node],
        "connections": [{"from": "start", "to": "code"}],
    }
    workflow_id = shop.call("POST", "/workflows", document, 201)["id"]
    shop.call("PUT", f"/workflows/{workflow_id}/draft", {"document": document})
    wish = {"wait": 60, "source": "draft"}
    ran = shop.call("POST", f"/workflows/{workflow_id}/run", wish)
    assert ran["status"] == "succeeded"
    (row,) = shop.rows(LEDGER, meter="sandbox_cpu_ms")
    assert (row.quantity, row.execution_id) == (1250, ran["id"])
    assert shop.rows(LEDGER, meter="executions") == []
