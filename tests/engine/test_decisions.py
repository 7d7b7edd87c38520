"""What people decide: retry from a node, and what to do about an interrupted step."""

from __future__ import annotations

from typing import Any

import pytest

from layers.contract import NodeError
from layers.errors import Conflict, InvalidInput
from tests.engine.harness import Stage, chain, last, node, played, states


def failing(_touch: Any) -> Any:
    raise NodeError("no")


def counts(stage: Stage) -> dict[str, int]:
    names = [touch.node_id for touch in stage.world.touches]
    return {name: names.count(name) for name in names}


@played
async def test_a_retry_reuses_what_was_completed(stage: Stage) -> None:
    stage.world.script["three"] = failing
    nodes = [node("start", "manual"), *(node(name, "unsafe") for name in ("one", "two", "three"))]
    saved = stage.save(nodes, chain("start", "one", "two", "three"))
    failed = await stage.run(saved, {"n": 1})
    assert failed["status"] == "failed"
    del stage.world.script["three"]
    done = await stage.end(await stage.retry(failed["id"]))
    assert done["status"] == "succeeded"
    assert done["retry_of"] == failed["id"]
    assert done["output"] == [{"n": 1}]
    assert counts(stage) == {"one": 1, "two": 1, "three": 2}


@played
async def test_a_retry_from_a_node_repeats_it_and_what_is_behind_it(stage: Stage) -> None:
    nodes = [node("start", "manual"), *(node(name, "unsafe") for name in ("one", "two", "three"))]
    saved = stage.save(nodes, chain("start", "one", "two", "three"))
    first = await stage.run(saved, {"n": 1})
    stage.world.script["two"] = lambda _touch: [{"n": 2}]
    done = await stage.end(await stage.retry(first["id"], "two"))
    assert done["output"] == [{"n": 2}]
    assert counts(stage) == {"one": 1, "two": 2, "three": 2}
    assert (await stage.look(first["id"]))["output"] == [{"n": 1}]


@played
async def test_a_retry_repeats_a_merge_that_went_on_because_of_a_dead_branch(stage: Stage) -> None:
    """No arrow of the first run led from the fork to the merge, and yet it depends on it."""
    saved = stage.save(
        [
            node("start", "manual"),
            node("fork", "quick"),
            node("way", "if", {"condition": "item.n > 1"}),
            node("side", "no_op"),
            node("both", "merge"),
            node("send", "keyed"),
        ],
        [
            "start -> fork",
            "fork -> way",
            "start -> both:a",
            "way:true -> side",
            "side -> both:b",
            "both -> send",
        ],
    )
    first = await stage.run(saved, {"n": 1})
    assert first["output"] == [{"n": 1}]
    stage.world.script["fork"] = lambda _touch: [{"n": 5}]
    done = await stage.end(await stage.retry(first["id"], "fork"))
    assert done["output"] == [{"n": 1}, {"n": 5}]
    assert last(done, "both")["output"] == {"main": [{"n": 1}, {"n": 5}]}
    assert last(done, "send")["output"] == {"main": [{"n": 1}, {"n": 5}]}
    assert counts(stage)["send"] == 2


LOOPED = [
    node("start", "manual"),
    node("loop", "loop"),
    node("body", "keyed"),
    node("end", "keyed"),
]
AROUND = ["start -> loop", "loop:batch -> body", "body -> loop", "loop:done -> end"]


@played
async def test_a_loop_that_failed_late_goes_on_late(stage: Stage) -> None:
    def third_fails(touch: Any) -> Any:
        if touch.items == [{"n": 3}]:
            raise NodeError("no three")
        return {"main": touch.context.items}

    stage.world.script["body"] = third_fails
    failed = await stage.run(stage.save(LOOPED, AROUND), *({"n": n} for n in (1, 2, 3, 4)))
    assert failed["status"] == "failed"
    assert counts(stage) == {"body": 3}
    del stage.world.script["body"]
    done = await stage.end(await stage.retry(failed["id"]))
    assert done["output"] == [{"n": n} for n in (1, 2, 3, 4)]
    assert counts(stage) == {"body": 5, "end": 1}


@played
async def test_a_retry_from_within_a_loop_repeats_every_round(stage: Stage) -> None:
    first = await stage.run(stage.save(LOOPED, AROUND), {"n": 1}, {"n": 2})
    stage.world.script["body"] = lambda touch: [{"n": touch.items[0]["n"] * 10}]
    done = await stage.end(await stage.retry(first["id"], "body"))
    assert done["output"] == [{"n": 10}, {"n": 20}]
    positions = [step.position for step in stage.steps(done["id"])]
    assert sorted(positions) == list(range(len(positions)))
    loops = [step for step in done["steps"] if step["node_id"] == "loop"]
    assert loops[-1]["output"] == {"done": [{"n": 10}, {"n": 20}]}


@played
async def test_only_what_has_ended_is_retried_and_only_from_a_node_that_exists(
    stage: Stage,
) -> None:
    saved = stage.save(
        [node("start", "manual"), node("rest", "wait", {"callback": True})],
        chain("start", "rest"),
    )
    execution_id = await stage.start(saved)
    await stage.reaches(execution_id, "waiting")
    with pytest.raises(Conflict):
        await stage.retry(execution_id)
    stage.engine.cancel_tree((execution_id,))
    with pytest.raises(InvalidInput) as caught:
        await stage.retry(execution_id, "nowhere")
    assert caught.value.errors[0].pointer == "/from_node"


# A step that a crash interrupted


async def interrupted(stage: Stage, *, beside: str | None = None) -> str:
    """An execution as a dead process leaves it: an unsafe step was in flight."""
    nodes = [node("start", "manual"), node("risk", "unsafe"), node("after", "keyed")]
    ways = chain("start", "risk", "after")
    if beside is not None:
        nodes.append(node("beside", "wait", {beside: True if beside == "callback" else 3600}))
        ways.append("start -> beside")
    saved = stage.save(nodes, ways)
    execution_id = await stage.start(saved, {"n": 1}, owner="somebody else", lease_s=3600)
    stage.write(
        "INSERT INTO steps (workspace_id, execution_id, node_id, run_index, status, attempt,"
        " position, sources, output, started_at) VALUES"
        " (:workspace, :id, 'start', 0, 'succeeded', 1, 0, '[]', :output, 1),"
        " (:workspace, :id, 'risk', 0, 'running', 1, NULL, :sources, NULL, 1)",
        workspace=saved.workspace_id,
        id=execution_id,
        output='{"main":{"items":[{"n":1}]}}',
        sources='[["start",0,"main","main"]]',
    )
    stage.write("UPDATE executions SET due_at = 1 WHERE id = :id", id=execution_id)
    return execution_id


async def left_behind(stage: Stage, **more: Any) -> str:
    # Accepted in the name of a process that is gone: nothing of it may begin here.
    launch = stage.engine._launch
    stage.engine._launch = lambda *_given: None
    try:
        execution_id = await interrupted(stage, **more)
    finally:
        stage.engine._launch = launch
    stage.parts.notifier.notify(execution_id)
    return execution_id


@played
async def test_an_unsafe_step_in_flight_at_a_crash_stops_the_execution(stage: Stage) -> None:
    execution_id = await left_behind(stage)
    found = await stage.reaches(execution_id, "interrupted")
    assert states(found) == {"start": "succeeded", "risk": "interrupted"}
    assert stage.world.touches == []
    assert stage.engine.running == 0


@pytest.mark.parametrize(
    ("decision", "more", "touched", "status", "output"),
    [
        ("retry", {}, ["risk", "after"], "succeeded", [{"n": 1}]),
        ("skip", {"output": [{"n": 9}]}, ["after"], "succeeded", [{"n": 9}]),
        ("fail", {}, [], "failed", None),
    ],
)
@played
async def test_a_person_decides_about_an_interrupted_step(
    stage: Stage,
    decision: str,
    more: dict[str, Any],
    touched: list[str],
    status: str,
    output: Any,
) -> None:
    execution_id = await left_behind(stage)
    await stage.reaches(execution_id, "interrupted")
    stage.resolve(execution_id, "risk", decision, **more)
    done = await stage.end(execution_id)
    assert (done["status"], done["output"]) == (status, output)
    assert [touch.node_id for touch in stage.world.touches] == touched
    with pytest.raises(Conflict):
        stage.resolve(execution_id, "risk", decision)


@pytest.mark.parametrize("beside", ["seconds", "callback"])
@played
async def test_a_decision_counts_at_once_although_another_branch_waits(
    stage: Stage, beside: str
) -> None:
    execution_id = await left_behind(stage, beside=beside)
    await stage.until(lambda: states_are(stage, execution_id, risk="interrupted"))
    await stage.reaches(execution_id, "waiting", "interrupted")
    stage.resolve(execution_id, "risk", "retry")
    await stage.until(lambda: stage.world.of("after"))
    stage.engine.cancel_tree((execution_id,))


def states_are(stage: Stage, execution_id: str, **wanted: str) -> bool:
    found = {step.node_id: step.status for step in stage.steps(execution_id)}
    return all(found.get(name) == status for name, status in wanted.items())
