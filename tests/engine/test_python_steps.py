"""Python steps of the real engine: what they print while they run, and what stays on record."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from layers import jsontext
from layers.engine.execution.buffer import LeaseLost
from layers.engine.step_logs import LogRow, read_logs
from layers.identity.audit import find_break
from layers.sandbox.memory import ScriptedSandbox
from layers.sandbox.port import (
    OnLog,
    Outcome,
    SandboxError,
    SandboxRequest,
    SandboxResult,
    SandboxUnavailable,
)
from tests.engine.harness import Stage, chain, last, node, played

CODE = "def run(items):\n    return items"
Act = Callable[[SandboxRequest, OnLog], Awaitable[SandboxResult]]


class ActedSandbox(ScriptedSandbox):
    """A sandbox whose runs are played by a coroutine."""

    def __init__(self, act: Act) -> None:
        super().__init__()
        self.act = act

    async def run(self, request: SandboxRequest, on_log: OnLog | None = None) -> SandboxResult:
        assert on_log is not None
        self.requests.append(request)
        return await self.act(request, on_log)


def python(stage: Stage, act: Act, **params: Any) -> Any:
    stage.engine.services.sandbox = ActedSandbox(act)
    nodes = [node("start", "manual"), node("code", "python", {"code": CODE, **params})]
    return stage.save(nodes, chain("start", "code"))


def on_record(stage: Stage) -> list[dict[str, Any]]:
    rows = stage.rows(
        "SELECT * FROM audit_log WHERE workspace_id = :id AND action = 'python.run'"
        " ORDER BY number",
        id=stage.home,
    )
    with stage.parts.database.read() as session:
        assert find_break(session, stage.home) is None
    return [{**row._mapping, "detail": jsontext.loads(row.detail)} for row in rows]


def logs(stage: Stage, execution_id: str) -> list[LogRow]:
    with stage.parts.database.reading() as connection:
        return read_logs(connection, stage.home, execution_id)


def printed(stage: Stage, execution_id: str) -> str:
    return "".join(piece.text for piece in logs(stage, execution_id))


def ok(request: SandboxRequest, *logs: str) -> SandboxResult:
    return SandboxResult(
        Outcome.OK,
        items=[dict(item) for item in request.items],
        logs=[{"stream": "stdout", "text": text} for text in logs],
        duration_ms=12.3456,
        usage={"cpu_s": 0.25, "max_memory_mb": 31.5, "waited_ms": 1.0},
        limits={"timeout_s": 7, "memory_mb": 256},
    )


@played
async def test_what_a_step_prints_is_read_by_others_while_it_runs(stage: Stage) -> None:
    more, done = asyncio.Event(), asyncio.Event()

    async def act(request: SandboxRequest, on_log: OnLog) -> SandboxResult:
        on_log("stdout", "one\n")
        on_log("stdout", "two\n")
        await more.wait()
        on_log("stderr", "three\n")
        await done.wait()
        pieces = [("stdout", "one\ntwo\n"), ("stderr", "three\n"), ("stdout", "four\n")]
        return replace(ok(request), logs=[{"stream": s, "text": t} for s, t in pieces])

    execution = await stage.start(python(stage, act))

    def code() -> Any:
        return next((s for s in stage.steps(execution) if s.node_id == "code"), None)

    await stage.until(lambda: printed(stage, execution) == "one\ntwo\n")
    assert code().status == "running"
    more.set()
    await stage.until(lambda: printed(stage, execution) == "one\ntwo\nthree\n")
    assert [piece.stream for piece in logs(stage, execution)] == ["stdout", "stderr"]
    done.set()
    ended = await stage.end(execution)
    assert ended["status"] == "succeeded"
    assert last(ended, "code")["logs"] == [
        {"stream": "stdout", "text": "one\ntwo\n"},
        {"stream": "stderr", "text": "three\n"},
        {"stream": "stdout", "text": "four\n"},
    ]


@played
async def test_a_step_that_printed_is_closed_when_it_is_cancelled(stage: Stage) -> None:
    async def act(_request: SandboxRequest, on_log: OnLog) -> SandboxResult:
        on_log("stdout", "here\n")
        await asyncio.Event().wait()
        raise AssertionError

    execution = await stage.start(python(stage, act))
    await stage.until(lambda: printed(stage, execution))
    await asyncio.to_thread(stage.engine.cancel_tree, (execution,))
    ended = await stage.end(execution)
    assert ended["status"] == "cancelled"
    assert last(ended, "code")["status"] == "cancelled"
    assert [one["detail"]["outcome"] for one in on_record(stage)] == ["cancelled"]


@played
async def test_a_step_that_printed_begins_anew_after_a_crash(stage: Stage) -> None:
    runs: list[SandboxRequest] = []
    stuck = asyncio.Event()

    async def act(request: SandboxRequest, on_log: OnLog) -> SandboxResult:
        runs.append(request)
        if len(runs) == 1:
            on_log("stdout", "first\n")
            await stuck.wait()
        return ok(request, "second\n")

    execution = await stage.start(python(stage, act))
    await stage.until(lambda: printed(stage, execution))
    stage.write(
        "UPDATE executions SET epoch = epoch + 1, lease_owner = NULL, status = 'waiting',"
        " due_at = 0 WHERE id = :id",
        id=execution,
    )
    stage.parts.notifier.notify(execution)
    ended = await stage.end(execution)
    assert ended["status"] == "succeeded"
    assert last(ended, "code")["logs"] == [{"stream": "stdout", "text": "second\n"}]
    await stage.until(lambda: len(on_record(stage)) == 2)


@played
async def test_each_run_is_on_record_with_what_it_asked_for_and_used(stage: Stage) -> None:
    async def act(request: SandboxRequest, _on_log: OnLog) -> SandboxResult:
        return ok(request)

    saved = python(stage, act, timeout_s=7)
    ended = await stage.run(saved, {"n": 1})
    (entry,) = on_record(stage)
    assert entry["actor"] == f"execution:{ended['id']}"
    assert entry["target"] == f"workflow:{saved.id}"
    detail = entry["detail"]
    assert detail.pop("run_id").startswith(ended["id"])
    assert detail == {
        "node_id": "code",
        "run_index": 0,
        "attempt": 1,
        "manual": False,
        "outcome": "ok",
        "code_sha256": hashlib.sha256(CODE.encode()).hexdigest(),
        "lock_sha256": None,
        "mode": "run",
        "requirements": [],
        "network": "none",
        "limits_requested": {"timeout_s": 7.0, "memory_mb": 256},
        "limits_effective": {"timeout_s": 7, "memory_mb": 256},
        "duration_ms": 12.346,
        "cpu_s": 0.25,
        "max_memory_mb": 31.5,
        "hosts_contacted": [],
        "hosts_denied": [],
        "credentials": [],
        "files_in": 0,
        "files_out": 0,
    }


@played
async def test_runs_that_fail_are_on_record_too(stage: Stage) -> None:
    answers: list[Any] = [SandboxUnavailable("away"), Outcome.TIMEOUT, Outcome.USER_ERROR]

    async def act(_request: SandboxRequest, _on_log: OnLog) -> SandboxResult:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return SandboxResult(answer, error=SandboxError("no"))

    saved = python(stage, act)
    for _ in range(3):
        assert (await stage.run(saved))["status"] == "failed"
    outcomes = [one["detail"]["outcome"] for one in on_record(stage)]
    assert outcomes == ["infrastructure", "timeout", "user_error"]


@played
async def test_runs_side_by_side_make_one_chain(stage: Stage) -> None:
    async def act(request: SandboxRequest, _on_log: OnLog) -> SandboxResult:
        return ok(request)

    saved = python(stage, act)
    started = [await stage.start(saved) for _ in range(20)]
    await asyncio.gather(*map(stage.end, started))
    actors = {one["actor"] for one in on_record(stage)}
    assert actors == {f"execution:{one}" for one in started}


@played
async def test_a_run_is_on_record_though_another_owns_the_execution_now(stage: Stage) -> None:
    lost = asyncio.Event()

    async def act(request: SandboxRequest, _on_log: OnLog) -> SandboxResult:
        lost.set()
        await asyncio.sleep(0)
        return ok(request)

    saved = python(stage, act)
    save = stage.engine.journal.record

    async def refused(record: Any) -> Any:
        if lost.is_set() and record.audit_events:
            raise LeaseLost
        return await save(record)

    stage.engine.journal.record = refused
    await stage.start(saved)
    await stage.until(lambda: len(on_record(stage)) == 1)
