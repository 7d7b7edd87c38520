"""Files and credentials of Python steps: what goes in, what comes out, what is put on record."""

from __future__ import annotations

import asyncio
from typing import Any

from layers.sandbox.port import Outcome, SandboxError, SandboxFile, SandboxRequest, SandboxResult
from tests.engine.harness import Stage, chain, node, played
from tests.engine.test_python_steps import CODE, Act, ActedSandbox, on_record
from tests.engine.test_secrets import SECRET, put_credential


def two(stage: Stage, act: Act, **second: Any) -> Any:
    """A step that leaves files, one that comes after it, and one that sees what is left."""
    stage.engine.services.sandbox = ActedSandbox(act)
    nodes = [
        node("start", "manual"),
        node("make", "python", {"code": CODE, "files": True}),
        node("take", "python", {"code": CODE, **second}),
        node("look", "python", {"code": CODE, "files": True}),
    ]
    return stage.save(nodes, chain("start", "make", "take", "look"))


def given(items: Any, *files: SandboxFile) -> SandboxResult:
    return SandboxResult(Outcome.OK, items=[dict(item) for item in items], files=files)


@played
async def test_files_that_a_step_leaves_go_with_its_items_into_the_next(stage: Stage) -> None:
    asked: list[SandboxRequest] = []
    made = [
        SandboxFile("a.csv", "text/csv", b"1,2", 0),
        SandboxFile("b.bin", "application/octet-stream", bytes(range(256)), 1),
    ]

    async def act(request: SandboxRequest, _on_log: Any) -> SandboxResult:
        asked.append(request)
        return given(request.items, *(made if len(asked) == 1 else ()))

    ended = await stage.run(two(stage, act, files=True), {"n": 1}, {"n": 2})
    assert ended["status"] == "succeeded"
    assert asked[0].files == []
    assert asked[1].files == made
    records = [entry["detail"] for entry in on_record(stage)]
    assert [(r["files_in"], r["files_out"]) for r in records] == [(0, 2), (2, 0), (2, 0)]


@played
async def test_a_step_without_files_hands_them_on_unread(stage: Stage) -> None:
    asked: list[SandboxRequest] = []

    async def act(request: SandboxRequest, _on_log: Any) -> SandboxResult:
        asked.append(request)
        files = [SandboxFile("a.txt", "text/plain", b"a", 0)] if len(asked) == 1 else []
        return given(request.items, *files)

    await stage.run(two(stage, act), {"n": 1})
    assert asked[1].files is None
    assert asked[2].files == [SandboxFile("a.txt", "text/plain", b"a", 0)]


@played
async def test_a_new_file_takes_the_place_of_one_of_the_same_name(stage: Stage) -> None:
    asked: list[SandboxRequest] = []

    async def act(request: SandboxRequest, _on_log: Any) -> SandboxResult:
        asked.append(request)
        return given(request.items, SandboxFile("a.txt", "text/plain", b"%d" % len(asked), 0))

    await stage.run(two(stage, act, files=True), {"n": 1})
    assert asked[2].files == [SandboxFile("a.txt", "text/plain", b"2", 0)]


@played
async def test_a_file_for_an_item_that_is_not_there_is_the_authors_error(stage: Stage) -> None:
    async def act(request: SandboxRequest, _on_log: Any) -> SandboxResult:
        return given(request.items, SandboxFile("late.txt", "text/plain", b"", 5))

    ended = await stage.run(two(stage, act), {"n": 1})
    assert ended["status"] == "failed"
    assert "late.txt" in ended["error"]["message"]
    assert "/out" in ended["error"]["message"]


@played
async def test_the_steps_credential_goes_to_the_runner_and_into_no_table(stage: Stage) -> None:
    asked: list[SandboxRequest] = []

    async def act(request: SandboxRequest, _on_log: Any) -> SandboxResult:
        asked.append(request)
        return given(request.items)

    stage.engine.services.sandbox = ActedSandbox(act)
    code = node("code", "python", {"code": CODE}, credential_id=put_credential(stage))
    ended = await stage.run(stage.save([node("start", "manual"), code], chain("start", "code")))
    assert ended["status"] == "succeeded"
    (credential,) = asked[0].credentials
    assert (credential.name, credential.type) == ("Key", "http_bearer")
    assert credential.secret == {"token": SECRET}
    assert SECRET not in repr(credential)
    assert [entry["detail"]["credentials"] for entry in on_record(stage)] == [["Key"]]
    for table in ("executions", "steps", "events", "audit_log"):
        for row in stage.rows(f"SELECT * FROM {table}"):
            assert SECRET not in repr(tuple(row))


@played
async def test_hosts_that_a_step_asked_for_are_on_record(stage: Stage) -> None:
    hosts = [
        {
            "host": "a.test",
            "port": 443,
            "allowed": True,
            "bytes_in": 9,
            "bytes_out": 4,
            "reason": None,
        },
        {
            "host": "b.test",
            "port": 80,
            "allowed": False,
            "bytes_in": 0,
            "bytes_out": 0,
            "reason": "it is not on the step's list of destinations",
        },
    ]

    async def act(_request: SandboxRequest, _on_log: Any) -> SandboxResult:
        await asyncio.sleep(0)
        return SandboxResult(Outcome.USER_ERROR, error=SandboxError("no"), hosts=hosts)

    stage.engine.services.sandbox = ActedSandbox(act)
    code = node("code", "python", {"code": CODE, "network": ["a.test:443"]})
    await stage.run(stage.save([node("start", "manual"), code], chain("start", "code")))
    detail = on_record(stage)[0]["detail"]
    assert detail["hosts_contacted"] == [
        {"host": "a.test", "port": 443, "bytes_in": 9, "bytes_out": 4}
    ]
    assert detail["hosts_denied"] == [
        {"host": "b.test", "port": 80, "reason": "it is not on the step's list of destinations"}
    ]
