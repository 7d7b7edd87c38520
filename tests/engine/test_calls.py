"""Workflows that call workflows, and workflows that hear of failures."""

from __future__ import annotations

from typing import Any

from layers.contract import NodeError
from tests.engine.harness import Saved, Stage, chain, last, node, played


def caller(stage: Stage, callee: Saved | str, *, wait: bool = True, **more: Any) -> Saved:
    workflow_id = callee if isinstance(callee, str) else callee.id
    params = {"workflow_id": workflow_id, "wait": wait}
    nodes = [
        node("start", "manual"),
        node("call", "execute_workflow", params, **more),
        node("after", "keyed"),
    ]
    return stage.save(nodes, chain("start", "call", "after"))


def callee(stage: Stage) -> Saved:
    nodes = [node("begin", "workflow_trigger"), node("work", "keyed")]
    return stage.save(nodes, chain("begin", "work"))


def failing(_touch: Any) -> Any:
    raise NodeError("it is broken")


@played
async def test_a_called_workflow_gives_its_result(stage: Stage) -> None:
    stage.world.script["work"] = lambda touch: [{"n": one["n"] * 2} for one in touch.items]
    done = await stage.run(caller(stage, callee(stage)), {"n": 1}, {"n": 2})
    assert done["status"] == "succeeded"
    assert done["output"] == [{"n": 2}, {"n": 4}]
    assert len(stage.world.of("work")) == 1


@played
async def test_several_calls_side_by_side_each_run_once(stage: Stage) -> None:
    called = callee(stage)
    calls = [
        node(f"call{number}", "execute_workflow", {"workflow_id": called.id}) for number in range(6)
    ]
    saved = stage.save(
        [node("start", "manual"), *calls], [f"start -> {call['id']}" for call in calls]
    )
    done = await stage.run(saved, {"n": 1})
    assert done["status"] == "succeeded"
    assert len(stage.world.of("work")) == 6
    assert len({touch.key for touch in stage.world.of("work")}) == 6


@played
async def test_a_failure_in_a_called_workflow_fails_the_call(stage: Stage) -> None:
    stage.world.script["work"] = failing
    done = await stage.run(caller(stage, callee(stage)))
    assert done["status"] == "failed"
    assert done["error"]["kind"] == "workflow_failed"
    assert "it is broken" in done["error"]["message"]
    assert stage.world.of("after") == []


@played
async def test_a_failed_call_can_be_handled(stage: Stage) -> None:
    stage.world.script["work"] = failing
    done = await stage.run(caller(stage, callee(stage), on_error="continue"), {"n": 1})
    assert done["status"] == "succeeded"
    assert done["output"][0]["n"] == 1
    assert done["output"][0]["error"]["kind"] == "workflow_failed"


@played
async def test_a_call_without_waiting_goes_on_at_once(stage: Stage) -> None:
    done = await stage.run(caller(stage, callee(stage), wait=False), {"n": 1})
    assert done["status"] == "succeeded"
    child = last(done, "call")["output"]["main"][0]["execution_id"]
    assert (await stage.end(child))["status"] == "succeeded"
    assert stage.row(child).parent_id is None


@played
async def test_a_call_of_a_workflow_that_does_not_exist_says_so(stage: Stage) -> None:
    done = await stage.run(caller(stage, "nowhere"))
    assert done["error"]["kind"] == "invalid_parameters"
    assert "'nowhere'" in done["error"]["message"]


@played
async def test_a_workflow_of_another_workspace_cannot_be_called(stage: Stage) -> None:
    other = stage.save([node("begin", "workflow_trigger")], workspace_id=stage.workspace())
    done = await stage.run(caller(stage, other))
    assert done["error"]["kind"] == "invalid_parameters"


@played
async def test_workflows_that_call_each_other_run_out_of_depth(stage: Stage) -> None:
    one = caller(stage, "later")
    two = caller(stage, one)
    stage.write(
        "UPDATE workflow_versions SET definition = replace(definition, 'later', :id)"
        " WHERE id = :version",
        id=two.id,
        version=one.version_id,
    )
    done = await stage.run(one, {"n": 1})
    assert done["status"] == "failed"
    assert "10 levels deep" in done["error"]["message"]
    assert stage.rows("SELECT max(depth) AS depth FROM executions")[0].depth == 10
    assert stage.world.touches == []


@played
async def test_cancelling_cancels_what_was_called(stage: Stage) -> None:
    inner = stage.save(
        [node("begin", "workflow_trigger"), node("rest", "wait", {"callback": True})],
        chain("begin", "rest"),
    )
    parent = await stage.start(caller(stage, caller(stage, inner)))
    await stage.until(lambda: len(stage.rows("SELECT 1 FROM executions WHERE depth = 2")) == 1)
    child = stage.rows("SELECT id FROM executions WHERE depth = 2")[0].id
    await stage.reaches(child, "waiting")
    await stage.reaches(parent, "waiting")
    stage.engine.cancel_tree((parent,))
    for row in stage.rows("SELECT id FROM executions"):
        assert (await stage.end(row.id))["status"] == "cancelled"


@played
async def test_cancelling_a_called_workflow_fails_the_call(stage: Stage) -> None:
    inner = stage.save(
        [node("begin", "workflow_trigger"), node("rest", "wait", {"callback": True})],
        chain("begin", "rest"),
    )
    parent = await stage.start(caller(stage, inner))
    await stage.until(lambda: stage.rows("SELECT 1 FROM executions WHERE depth = 1"))
    child = stage.rows("SELECT id FROM executions WHERE depth = 1")[0].id
    await stage.reaches(child, "waiting")
    await stage.reaches(parent, "waiting")
    stage.engine.cancel_tree((child,))
    done = await stage.end(parent)
    assert done["status"] == "failed"
    assert "cancelled" in done["error"]["message"]


@played
async def test_a_failing_branch_cancels_what_another_branch_called(stage: Stage) -> None:
    stage.world.script["bad"] = failing
    inner = stage.save(
        [node("begin", "workflow_trigger"), node("rest", "wait", {"callback": True})],
        chain("begin", "rest"),
    )
    saved = stage.save(
        [
            node("start", "manual"),
            node("call", "execute_workflow", {"workflow_id": inner.id}),
            node("nap", "wait", {"seconds": 1.5}),
            node("bad", "slow"),
        ],
        ["start -> call", "start -> nap", "nap -> bad"],
    )
    assert (await stage.run(saved))["status"] == "failed"
    child = stage.rows("SELECT id FROM executions WHERE depth = 1")[0].id
    assert (await stage.end(child))["status"] == "cancelled"


# Error workflows


def alarmed(stage: Stage) -> Saved:
    nodes = [node("heard", "error_trigger"), node("tell", "keyed")]
    return stage.save(nodes, chain("heard", "tell"))


@played
async def test_a_failure_starts_the_error_workflow_with_what_happened(stage: Stage) -> None:
    stage.world.script["bad"] = failing
    alarm = alarmed(stage)
    saved = stage.save(
        [node("start", "manual"), node("bad", "keyed")],
        chain("start", "bad"),
        error_workflow_id=alarm.id,
    )
    done = await stage.run(saved)
    await stage.until(lambda: stage.world.of("tell"))
    told = stage.world.of("tell")[0].items[0]
    assert told["error"] == {"node_id": "bad", "kind": "node_error", "message": "it is broken"}
    assert told["execution"]["id"] == done["id"]
    assert told["workflow"] == {"id": saved.id, "name": "Test"}


@played
async def test_a_failing_error_workflow_does_not_call_itself(stage: Stage) -> None:
    stage.world.script["bad"] = stage.world.script["tell"] = failing
    alarm = alarmed(stage)
    stage.write(
        "UPDATE workflow_versions SET definition ="
        " replace(definition, '\"settings\":{}', :settings) WHERE id = :id",
        settings=f'"settings":{{"error_workflow_id":"{alarm.id}"}}',
        id=alarm.version_id,
    )
    saved = stage.save(
        [node("start", "manual"), node("bad", "keyed")],
        chain("start", "bad"),
        error_workflow_id=alarm.id,
    )
    await stage.run(saved)
    await stage.until(lambda: len(stage.rows("SELECT 1 FROM executions")) == 2)
    for row in stage.rows("SELECT id FROM executions"):
        assert (await stage.end(row.id))["status"] == "failed"
    assert len(stage.rows("SELECT 1 FROM executions")) == 2
