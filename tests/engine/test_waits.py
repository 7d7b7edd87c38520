"""Waiting holds no process; what was waited for is never missed."""

from __future__ import annotations

import asyncio
from typing import Any

from layers.ids import new_id
from tests.engine.clocks import HandyClock
from tests.engine.harness import Saved, Stage, chain, last, node, played, states

NAMES = ("start", "rest", "after")


def resting(stage: Stage, **params: Any) -> Saved:
    nodes = [node("start", "manual"), node("rest", "wait", params), node("after", "keyed")]
    return stage.save(nodes, chain(*NAMES))


def call_back(stage: Stage, execution_id: str, body: Any, node_id: str | None = None) -> None:
    """A call of the callback address, as the HTTP function keeps it."""
    item = f'{{"body":{body}}}'
    stage.write(
        "INSERT INTO callbacks"
        " (id, workspace_id, execution_id, node_id, payload, taken, created_at)"
        " VALUES (:cid, :workspace_id, :id, :node_id, :payload, :taken, 1)",
        cid=new_id(),
        workspace_id=stage.row(execution_id).workspace_id,
        id=execution_id,
        node_id=node_id,
        payload=item,
        taken=False,
    )
    stage.write(
        "UPDATE executions SET due_at = :now WHERE id = :id AND status = 'waiting'",
        id=execution_id,
        now=stage.parts.clock.now(),
    )
    stage.engine.pick_up((execution_id,))


@played
async def test_a_short_wait_goes_on_by_itself(stage: Stage) -> None:
    done = await stage.run(resting(stage, seconds=0.05), {"n": 1})
    assert done["output"] == [{"n": 1}]
    rest = last(done, "rest")
    assert rest["finished_at"] > rest["started_at"]


@played
async def test_a_longer_wait_holds_no_process_and_goes_on_at_its_time(stage: Stage) -> None:
    execution_id = await stage.start(resting(stage, seconds=5), {"n": 1})
    asleep = await stage.reaches(execution_id, "waiting")
    assert stage.engine.running == 0
    assert asleep["wakes_at"] is not None
    assert states(asleep) == {"start": "succeeded", "rest": "waiting"}
    assert (await stage.end(execution_id))["output"] == [{"n": 1}]
    assert len(stage.world.of("after")) == 1


@played
async def test_a_wait_until_a_time_sleeps_until_then(stage: Stage) -> None:
    execution_id = await stage.start(resting(stage, until="2999-01-01T00:00:00Z"))
    asleep = await stage.reaches(execution_id, "waiting")
    assert asleep["wakes_at"] == "2999-01-01T00:00:00.000Z"
    past = await stage.run(resting(stage, until="2001-01-01T00:00:00Z"), {"n": 1})
    assert past["output"] == [{"n": 1}]


@played
async def test_a_timer_goes_off_although_another_branch_is_still_busy(stage: Stage) -> None:
    let_go = asyncio.Event()

    async def held(touch: Any) -> Any:
        await let_go.wait()
        return {"main": touch.context.items}

    stage.world.script["busy"] = held
    saved = stage.save(
        [
            node("start", "manual"),
            node("busy", "slow"),
            node("rest", "wait", {"seconds": 1}),
            node("after", "keyed"),
        ],
        ["start -> busy", "start -> rest", "rest -> after"],
    )
    execution_id = await stage.start(saved, {"n": 1})
    await stage.until(lambda: stage.world.of("after"))
    let_go.set()
    assert (await stage.end(execution_id))["status"] == "succeeded"


@played
async def test_a_callback_wakes_the_step_with_what_it_brings(stage: Stage) -> None:
    execution_id = await stage.start(resting(stage, callback=True))
    await stage.reaches(execution_id, "waiting")
    assert stage.engine.running == 0
    call_back(stage, execution_id, 5)
    done = await stage.end(execution_id)
    assert done["output"] == [{"body": 5}]


@played
async def test_a_callback_that_comes_before_the_step_waits_for_it(stage: Stage) -> None:
    let_go = asyncio.Event()

    async def held(touch: Any) -> Any:
        await let_go.wait()
        return {"main": touch.context.items}

    stage.world.script["busy"] = held
    saved = stage.save(
        [node("start", "manual"), node("busy", "slow"), node("rest", "wait", {"callback": True})],
        chain("start", "busy", "rest"),
    )
    execution_id = await stage.start(saved)
    await stage.until(lambda: stage.world.of("busy"))
    call_back(stage, execution_id, 6)
    let_go.set()
    assert (await stage.end(execution_id))["output"] == [{"body": 6}]


@played
async def _a_callback_during_another_wait(stage: Stage, clock: HandyClock) -> None:
    saved = stage.save(
        [
            node("start", "manual"),
            node("nap", "wait", {"seconds": 1800}),
            node("rest", "wait", {"callback": True}),
        ],
        chain("start", "nap", "rest"),
    )
    execution_id = await stage.start(saved)
    await stage.reaches(execution_id, "waiting")
    call_back(stage, execution_id, 7)
    await stage.until(lambda: stage.row(execution_id).epoch > 1)
    await stage.reaches(execution_id, "waiting")
    # It looked once when the call came, and went back to sleep.
    assert stage.row(execution_id).epoch == 2
    assert states_of(stage, execution_id) == {"start": "succeeded", "nap": "waiting"}
    clock.skip(1800)
    done = await stage.end(execution_id)
    assert done["output"] == [{"body": 7}]
    assert stage.row(execution_id).epoch <= 4


def test_a_callback_that_comes_during_another_wait_does_not_disturb_it(stage: Stage) -> None:
    stage.clock = clock = HandyClock()
    _a_callback_during_another_wait(stage=stage, clock=clock)


@played
async def test_a_callback_goes_to_the_step_that_it_names(stage: Stage) -> None:
    saved = stage.save(
        [
            node("start", "manual"),
            node("one", "wait", {"callback": True}),
            node("two", "wait", {"callback": True}),
        ],
        ["start -> one", "start -> two"],
    )
    execution_id = await stage.start(saved)
    await stage.reaches(execution_id, "waiting")
    call_back(stage, execution_id, 2, "two")
    await stage.until(lambda: states_of(stage, execution_id).get("two") == "succeeded")
    await stage.reaches(execution_id, "waiting")
    call_back(stage, execution_id, 1)
    done = await stage.end(execution_id)
    assert last(done, "one")["output"] == {"main": [{"body": 1}]}
    assert last(done, "two")["output"] == {"main": [{"body": 2}]}


def states_of(stage: Stage, execution_id: str) -> dict[str, str]:
    return {step.node_id: step.status for step in stage.steps(execution_id)}


@played
async def test_a_callback_that_does_not_come_in_time_fails_the_step(stage: Stage) -> None:
    execution_id = await stage.start(resting(stage, callback=True, timeout_s=1))
    done = await stage.end(execution_id)
    assert done["status"] == "failed"
    assert done["error"]["kind"] == "callback_timeout"
    assert done["error"]["node_id"] == "rest"
    assert stage.world.of("after") == []
