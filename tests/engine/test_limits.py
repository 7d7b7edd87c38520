"""How many run at once, who comes first, and how soon a cancel counts."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from layers.contract import Item
from layers.engine.accept import Accept, Incoming
from tests.engine.harness import Saved, Stage, chain, node, played, states
from tests.waiting import PATIENCE_S


class Gate:
    """Holds steps until it is opened, and counts how many were inside at once."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.inside = 0
        self.most = 0

    async def __call__(self, touch: Any) -> Any:
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            await self.opened.wait()
            await asyncio.sleep(0)
        finally:
            self.inside -= 1
        return {"main": touch.context.items}


def working(stage: Stage, **more: Any) -> Saved:
    nodes = [node("start", "manual"), node("work", "keyed")]
    return stage.save(nodes, chain("start", "work"), **more)


@played
async def _a_workflow_keeps_to_its_limit(stage: Stage, at_once: bool) -> None:
    gate = stage.world.script["work"] = Gate()
    saved = working(stage, max_concurrency=2)
    ids = [await stage.start(saved, at_once=at_once) for _ in range(12)]
    await stage.until(lambda: gate.inside == 2)
    gate.opened.set()
    for execution_id in ids:
        assert (await stage.end(execution_id))["status"] == "succeeded"
    assert gate.most == 2


@pytest.mark.parametrize("at_once", [False, True])
def test_a_workflow_runs_at_most_as_often_at_once_as_it_says(
    stage: Stage, at_once: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without a ring when a place becomes free, this would take a look of the worker for each:
    # far longer than a story may take.
    monkeypatch.setattr("functions.worker.LOOK_ANYWAY_S", PATIENCE_S / 4)
    _a_workflow_keeps_to_its_limit(stage=stage, at_once=at_once)


@played
async def test_called_workflows_keep_to_their_limit_too(stage: Stage) -> None:
    gate = stage.world.script["work"] = Gate()
    called = stage.save(
        [node("begin", "workflow_trigger"), node("work", "keyed")],
        chain("begin", "work"),
        max_concurrency=1,
    )
    calls = [node(f"call{n}", "execute_workflow", {"workflow_id": called.id}) for n in range(4)]
    saved = stage.save(
        [node("start", "manual"), *calls], [f"start -> {call['id']}" for call in calls]
    )
    execution_id = await stage.start(saved)
    await stage.until(lambda: gate.inside == 1)
    gate.opened.set()
    assert (await stage.end(execution_id))["status"] == "succeeded"
    assert gate.most == 1


@played
async def _a_workspace_keeps_to_its_limit(stage: Stage) -> None:
    gate = stage.world.script["work"] = Gate()
    saved = working(stage)
    ids = [await stage.start(saved) for _ in range(8)]
    await stage.until(lambda: gate.inside == 3)
    gate.opened.set()
    for execution_id in ids:
        await stage.end(execution_id)
    assert gate.most == 3


def test_a_workspace_keeps_to_its_limit(stage: Stage) -> None:
    stage.limited(workspace=3)
    _a_workspace_keeps_to_its_limit(stage=stage)


@played
async def _a_full_queue_of_one_does_not_starve_another(stage: Stage) -> None:
    order: list[str] = []

    def note(touch: Any) -> Any:
        order.append(touch.context.workspace_id)
        return {"main": [Item()]}

    stage.world.script["work"] = note
    many = working(stage)
    few = working(stage, workspace_id=stage.workspace())
    with stage.parts.database.writing() as connection:
        Accept.apply(connection, [Accept(_incoming(stage, many)) for _ in range(500)])
    with stage.parts.database.writing() as connection:
        Accept.apply(connection, [Accept(_incoming(stage, few)) for _ in range(5)])
    stage.parts.notifier.notify("")
    await stage.until(lambda: order.count(few.workspace_id) == 5)
    assert order.count(many.workspace_id) < 100
    await stage.until(lambda: len(order) == 505)


def _incoming(stage: Stage, saved: Saved) -> Incoming:
    return Incoming(
        workspace_id=saved.workspace_id,
        workflow_id=saved.id,
        version_id=saved.version_id,
        source="test",
        payload='{"items":[{}]}',
        now=stage.parts.clock.now(),
    )


def test_a_full_queue_of_one_workspace_does_not_starve_another(stage: Stage) -> None:
    stage.limited(process=8)
    _a_full_queue_of_one_does_not_starve_another(stage=stage)


# Cancelling


@played
async def test_a_queued_execution_is_cancelled_at_once(stage: Stage) -> None:
    gate = stage.world.script["work"] = Gate()
    saved = working(stage, max_concurrency=1)
    first = await stage.start(saved)
    await stage.until(lambda: gate.inside == 1)
    second = await stage.start(saved)
    stage.engine.cancel_tree((second,))
    assert stage.row(second).status == "cancelled"
    gate.opened.set()
    assert (await stage.end(first))["status"] == "succeeded"
    assert len(stage.world.of("work")) == 1


@played
async def test_a_waiting_execution_is_cancelled_at_once(stage: Stage) -> None:
    saved = stage.save(
        [node("start", "manual"), node("rest", "wait", {"callback": True})],
        chain("start", "rest"),
    )
    execution_id = await stage.start(saved)
    await stage.reaches(execution_id, "waiting")
    stage.engine.cancel_tree((execution_id,))
    done = await stage.look(execution_id)
    assert done["status"] == "cancelled"
    assert states(done) == {"start": "succeeded", "rest": "cancelled"}


@pytest.mark.parametrize("told_by", ["this process", "another process"])
@played
async def test_a_running_execution_is_cancelled_in_the_middle_of_a_step(
    stage: Stage, told_by: str
) -> None:
    gate = stage.world.script["work"] = Gate()
    execution_id = await stage.start(working(stage))
    await stage.until(lambda: gate.inside == 1)
    if told_by == "this process":
        stage.engine.cancel_tree((execution_id,))
    else:
        stage.write("UPDATE executions SET cancel_requested_at = 1 WHERE id = :id", id=execution_id)
    done = await stage.end(execution_id)
    assert done["status"] == "cancelled"
    assert states(done) == {"start": "succeeded", "work": "cancelled"}
    assert gate.inside == 0


@played
async def test_a_cancel_that_comes_while_it_lies_down_to_wait_still_counts(stage: Stage) -> None:
    """The wish arrives after the last step and before the rest is on record."""

    def wish(touch: Any) -> Any:
        stage.write(
            "UPDATE executions SET cancel_requested_at = 1 WHERE id = :id",
            id=touch.context.execution_id,
        )
        return {"main": touch.context.items}

    stage.world.script["work"] = wish
    saved = stage.save(
        [node("start", "manual"), node("work", "quick"), node("rest", "wait", {"callback": True})],
        chain("start", "work", "rest"),
    )
    assert (await stage.run(saved))["status"] == "cancelled"


@played
async def test_a_cancel_that_comes_during_a_lasting_wait_of_a_retry_counts(stage: Stage) -> None:
    saved = stage.save(
        [node("start", "manual"), node("rest", "wait", {"seconds": 3600})], chain("start", "rest")
    )
    execution_id = await stage.start(saved)
    await stage.reaches(execution_id, "waiting")
    stage.engine.cancel_tree((execution_id,))
    stage.engine.pick_up((execution_id,))
    assert (await stage.end(execution_id))["status"] == "cancelled"
