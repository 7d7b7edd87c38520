"""Two processes and one execution: whoever lost the lease changes nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from layers.clock import ManualClock
from layers.engine.journal import Finishing, Record
from layers.engine.lease import Lease, Renew, release_slot
from layers.settings import Settings
from tests.engine.harness import Stage, chain, node, played


@pytest.fixture
def stage(settings: Settings) -> Stage:
    """A process without a worker, whose time is made by hand."""
    return Stage(settings, clock=ManualClock(), with_worker=False)


def record(stage: Stage, execution_id: str, epoch: int) -> Record:
    row = {
        "workspace_id": stage.home,
        "execution_id": execution_id,
        "node_id": "late",
        "run_index": 0,
        "status": "succeeded",
        "attempt": 1,
        "position": 9,
        "sources": "[]",
        "started_at": 1.0,
    }
    empty = ("output", "artifact", "error", "due_at", "detail", "finished_at", "counts")
    empty += ("item_errors", "origin", "lineage")
    return Record(
        id=execution_id,
        epoch=epoch,
        now=stage.parts.clock.now(),
        is_sqlite=stage.parts.database.is_sqlite,
        steps=[row | dict.fromkeys(empty)],
        finishing=Finishing("succeeded", None, None),
        response='{"status":200}',
    )


@played
async def test_another_process_takes_over_and_the_first_one_changes_nothing(stage: Stage) -> None:
    frozen = asyncio.Event()

    async def freeze(touch: Any) -> Any:
        if touch.attempt == 1:
            await frozen.wait()
        return [{"by": touch.attempt}]

    stage.world.script["call"] = freeze
    saved = stage.save(
        [node("start", "manual"), node("call", "keyed"), node("after", "keyed")],
        chain("start", "call", "after"),
    )
    execution_id = await stage.start(saved, at_once=True)
    await stage.until(lambda: stage.world.touches)
    other = stage.build()
    # Too early: the lease holds.
    assert await other.engine.lease_due(5) == 0
    stage.clock.advance(stage.settings.limits.lease_s + 1)  # type: ignore[union-attr]
    assert await other.engine.lease_due(5) == 1
    await stage.until(lambda: stage.row(execution_id).status == "succeeded")
    before = [tuple(row) for row in stage.steps(execution_id)]

    assert (await stage.engine.journal.record(record(stage, execution_id, 1))).owned is False
    frozen.set()
    await stage.until(lambda: not stage.engine.is_running(execution_id))

    assert [tuple(row) for row in stage.steps(execution_id)] == before
    done = await stage.look(execution_id)
    assert done["output"] == [{"by": 2}]
    assert [touch.node_id for touch in stage.world.touches] == ["call", "call", "after"]
    assert len({touch.key for touch in stage.world.of("call")}) == 1
    await other.engine.stop()
    await other.close()


@played
async def test_an_old_epoch_is_refused_while_the_new_owner_still_runs(stage: Stage) -> None:
    let_go = asyncio.Event()

    async def hold(touch: Any) -> Any:
        await let_go.wait()
        return {"main": touch.context.items}

    stage.world.script["call"] = hold
    saved = stage.save([node("start", "manual"), node("call", "keyed")], chain("start", "call"))
    execution_id = await stage.start(saved)
    stage.write("UPDATE executions SET epoch = 6 WHERE id = :id", id=execution_id)
    assert await stage.engine.lease_due(5) == 1
    await stage.until(lambda: stage.world.touches)
    for epoch in (6, 8):
        assert (
            await stage.engine.journal.record(record(stage, execution_id, epoch))
        ).owned is False
    assert stage.row(execution_id).status == "running"
    assert stage.row(execution_id).response is None
    assert {step.node_id for step in stage.steps(execution_id)} == {"start", "call"}
    let_go.set()
    await stage.end(execution_id)


@played
async def test_an_ended_execution_is_never_written_again(stage: Stage) -> None:
    saved = stage.save([node("start", "manual")])
    done = await stage.run(saved, at_once=True)
    assert done["status"] == "succeeded"
    assert (await stage.engine.journal.record(record(stage, done["id"], 1))).owned is False
    assert await stage.engine.lease_due(5) == 0


@played
async def test_looking_at_a_lease_does_not_shorten_it(stage: Stage) -> None:
    execution_id = await _held_elsewhere(stage)
    until = stage.row(execution_id).due_at
    with stage.parts.database.writing() as connection:
        now = stage.parts.clock.now()
        renewed = Renew.apply(connection, [Renew("other", now + 1, 0.0, {execution_id: 1})])[0]
        assert renewed.lost == ()
    assert stage.row(execution_id).due_at == until
    with stage.parts.database.writing() as connection:
        Renew.apply(connection, [Renew("other", now + 1, 15.0, {execution_id: 1})])
    assert stage.row(execution_id).due_at == until + 1


async def _held_elsewhere(stage: Stage) -> str:
    execution_id = await stage.start(stage.save([node("start", "manual")]))
    with stage.parts.database.writing() as connection:
        taken = Lease.apply(connection, [_lease(stage, "other")])[0]
    assert [one.row.id for one in taken.leased] == [execution_id]
    return execution_id


def _lease(stage: Stage, owner: str, ids: tuple[str, ...] = ()) -> Lease:
    return Lease(
        owner=owner,
        now=stage.parts.clock.now(),
        lease_s=15.0,
        limit=10,
        workspace_limit=10,
        is_sqlite=stage.parts.database.is_sqlite,
        ids=ids,
    )


@played
async def test_what_one_owner_holds_already_is_not_handed_to_it_twice(stage: Stage) -> None:
    held = await _held_elsewhere(stage)
    fresh = await stage.start(stage.save([node("start", "manual")]))
    with stage.parts.database.writing() as connection:
        taken = Lease.apply(connection, [_lease(stage, "other", (held, fresh))])[0]
    assert [one.row.id for one in taken.leased] == [fresh]
    assert stage.row(held).epoch == 1


@played
async def test_a_successor_in_the_same_slot_need_not_wait_for_the_lease(stage: Stage) -> None:
    execution_id = await _held_elsewhere(stage)
    stage.write(
        "UPDATE executions SET lease_owner = 'worker_1#old' WHERE id = :id", id=execution_id
    )
    now = stage.parts.clock.now()
    with stage.parts.database.writing() as connection:
        assert release_slot(connection, "workerX1", now) == 0
        assert release_slot(connection, "worker", now) == 0
        assert release_slot(connection, "worker_1", now) == 1
    assert await stage.engine.lease_due(5) == 1
    assert (await stage.end(execution_id))["status"] == "succeeded"
    assert stage.row(execution_id).epoch == 2
