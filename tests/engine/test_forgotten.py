"""Executions whose wake was lost, however that may have come, are found again."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from layers.engine.reconcile import reconcile
from layers.ids import new_id
from layers.queue.memory import MemoryNotifier
from layers.settings import Settings
from tests.engine.harness import Stage, node, played
from tests.engine.test_calls import callee, caller
from tests.engine.test_waits import resting
from triggers.housekeeping.forgotten import ForgottenExecutions


@pytest.fixture
def stage(settings: Settings) -> Stage:
    """A process without a worker: who does not wake stays where it is."""
    return Stage(settings, with_worker=False)


async def waiting(stage: Stage, saved: Any) -> str:
    execution_id = await stage.start(saved, {"n": 1}, at_once=True)
    await stage.until(lambda: stage.row(execution_id).status == "waiting")
    await stage.until(lambda: not stage.engine.is_running(execution_id))
    return execution_id


def kept(stage: Stage, execution_id: str, node_id: str) -> None:
    """A call of an address that was kept, and nobody was told."""
    stage.write(
        "INSERT INTO callbacks"
        " (id, workspace_id, execution_id, node_id, run_index, payload, taken, created_at)"
        " VALUES (:cid, :workspace_id, :id, :node_id, 0, :payload, :taken, 1)",
        payload='{"body":1}',
        cid=new_id(),
        workspace_id=stage.home,
        id=execution_id,
        node_id=node_id,
        taken=False,
    )


def found(stage: Stage) -> tuple[str, ...]:
    """What is woken by one look at all that waits."""
    with stage.parts.database.writing() as connection:
        return reconcile(connection, "", stage.parts.clock.now(), 100).woken


@played
async def test_one_that_was_called_goes_on(stage: Stage) -> None:
    execution_id = await waiting(stage, resting(stage, callback=True, timeout_s=900))
    assert found(stage) == ()
    kept(stage, execution_id, "after")
    assert found(stage) == (), "called was the address of another wait"
    kept(stage, execution_id, "rest")
    assert found(stage) == (execution_id,)
    assert found(stage) == (), "it is due, and found by whoever looks for work"
    assert await stage.engine.lease_due(1) == 1
    await stage.until(lambda: stage.row(execution_id).status == "succeeded")


@played
async def test_one_whose_child_has_ended_goes_on(stage: Stage) -> None:
    going_on = asyncio.Event()

    async def hold(_touch: Any) -> Any:
        await going_on.wait()
        return [{"n": 2}]

    stage.world.script["work"] = hold
    execution_id = await waiting(stage, caller(stage, callee(stage)))
    await stage.until(lambda: stage.world.of("work"))
    assert found(stage) == ()
    stage.write(
        "UPDATE executions SET status = 'cancelled', due_at = NULL,"
        " finished_at = 1, epoch = epoch + 1 WHERE parent_id = :id",
        id=execution_id,
    )
    assert found(stage) == (execution_id,)
    going_on.set()
    assert await stage.engine.lease_due(1) == 1
    await stage.until(lambda: stage.row(execution_id).status == "failed")


@played
async def test_one_that_was_to_be_cancelled_is(stage: Stage) -> None:
    execution_id = await waiting(stage, resting(stage, seconds=900))
    assert found(stage) == ()
    stage.write("UPDATE executions SET cancel_requested_at = 1 WHERE id = :id", id=execution_id)
    assert found(stage) == (execution_id,)
    assert await stage.engine.lease_due(1) == 1
    await stage.until(lambda: stage.row(execution_id).status == "cancelled")


@played
async def test_a_round_goes_on_where_the_last_look_stopped(stage: Stage) -> None:
    saved = stage.save(
        [node("start", "manual"), node("rest", "wait", {"callback": True})], ["start -> rest"]
    )
    ids = [await waiting(stage, saved) for _ in range(3)]
    kept(stage, ids[2], "rest")
    looks = []
    after = ""
    with stage.parts.database.writing() as connection:
        for _ in range(4):
            one = reconcile(connection, after, stage.parts.clock.now(), 1)
            looks.append(one.woken)
            after = one.after
    assert looks == [(), (), (ids[2],), ()]
    assert after == ""


@played
async def test_a_scheduler_rings_for_what_it_found(stage: Stage) -> None:
    parts = stage.parts
    notifier = MemoryNotifier()
    job = ForgottenExecutions(parts.database, notifier, parts.clock)
    execution_id = await waiting(stage, resting(stage, callback=True))
    kept(stage, execution_id, "rest")
    assert job.wake_now() == 1
    assert job.wake_now() == 0
    assert notifier.notified == [execution_id]
