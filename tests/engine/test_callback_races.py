"""A call, another call, the deadline and who cancels, at once: one of them ends the wait."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Connection, text

from layers.engine.callback_rows import (
    CalledAlready,
    CalledTooLate,
    Ending,
    Target,
    WaitOver,
    end_wait,
)
from layers.engine.control import cancel_now
from layers.engine.journal import Record, Suspending
from layers.engine.lease import Lease
from tests.engine.harness import Stage, chain, node, played
from tests.lock_waits import waits_for_a_lock
from tests.waiting import until

Act = Callable[[Connection], Any]


@pytest.fixture(params=[pytest.param("postgres", marks=pytest.mark.postgres)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Where two write at once; on SQLite they stand in line before they begin."""
    kind: str = request.param
    return kind


@pytest.fixture
def stage(stage: Stage) -> Stage:
    """A process without a worker: what happens is what the test does."""
    stage.with_worker = False
    return stage


async def waiting(stage: Stage, **params: Any) -> str:
    nodes = [node("start", "manual"), node("ask", "wait", {"callback": True, **params})]
    saved = stage.save(nodes, chain("start", "ask"))
    execution_id = await stage.start(saved, at_once=True)
    await stage.reaches(execution_id, "waiting")
    return execution_id


def call(stage: Stage, execution_id: str, body: str = "1") -> Act:
    ending = Ending(f'{{"body":{body}}}')
    target = Target(execution_id, "ask", 0)
    return lambda connection: end_wait(connection, target, ending, stage.parts.clock.now())


def cancel(stage: Stage, execution_id: str) -> Act:
    return lambda connection: cancel_now(connection, [execution_id], stage.parts.clock.now())


def lease(stage: Stage, execution_id: str) -> Act:
    def take(connection: Connection) -> Any:
        wish = Lease("other", stage.parts.clock.now(), 60, 1, 100, False, (execution_id,))
        return Lease.apply(connection, [wish])[0].leased

    return take


def one_after_the_other(stage: Stage, first: Act, second: Act) -> tuple[Any, Any]:
    """The second begins before the first has committed, and has to wait for it."""
    database = stage.parts.database
    begun = threading.Event()
    blocked = threading.Event()

    def act(what: Act, *, is_first: bool) -> Any:
        if not is_first:
            begun.wait()
        with database.writing() as connection:
            done = what(connection)
            if is_first:
                begun.set()
                blocked.wait()
            return done

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(act, first, is_first=True)
        two = pool.submit(act, second, is_first=False)
        try:
            until(lambda: waits_for_a_lock(database) or two.done(), "the second stands in line")
            assert not two.done()
        finally:
            blocked.set()
        return one.result(), two.result()


def ends(stage: Stage, execution_id: str) -> list[str]:
    found = stage.rows("SELECT source FROM callbacks WHERE execution_id = :id", id=execution_id)
    return [row.source for row in found]


def too_late(stage: Stage, execution_id: str) -> None:
    """Let the deadline be now."""
    for table, name in (("steps", "execution_id"), ("executions", "id")):
        stage.write(
            f"UPDATE {table} SET due_at = 1 WHERE {name} = :id AND status = 'waiting'",
            id=execution_id,
        )


@played
async def test_of_two_calls_the_second_is_told(stage: Stage) -> None:
    name = await waiting(stage)
    first, second = await asyncio.to_thread(
        one_after_the_other, stage, call(stage, name), call(stage, name, "2")
    )
    assert first.refused is None
    assert isinstance(second.refused, CalledAlready)
    assert ends(stage, name) == ["call"]


@played
async def test_a_call_after_who_cancels_is_told(stage: Stage) -> None:
    name = await waiting(stage)
    _told, called = await asyncio.to_thread(
        one_after_the_other, stage, cancel(stage, name), call(stage, name)
    )
    assert isinstance(called.refused, WaitOver)
    assert ends(stage, name) == []
    assert stage.row(name).status == "cancelled"


@played
async def test_who_cancels_after_a_call_ends_what_it_has_woken(stage: Stage) -> None:
    name = await waiting(stage)
    called, _told = await asyncio.to_thread(
        one_after_the_other, stage, call(stage, name), cancel(stage, name)
    )
    assert called.refused is None
    assert ends(stage, name) == ["call"]
    assert stage.row(name).status == "cancelled"


@played
async def test_a_call_after_the_deadline_is_told(stage: Stage) -> None:
    name = await waiting(stage, timeout_s=1000)
    too_late(stage, name)
    leased, called = await asyncio.to_thread(
        one_after_the_other, stage, lease(stage, name), call(stage, name)
    )
    assert [one.source for one in leased[0].callbacks] == ["deadline"]
    assert isinstance(called.refused, CalledTooLate)
    assert ends(stage, name) == ["deadline"]


@played
async def test_a_deadline_after_the_call_changes_nothing(stage: Stage) -> None:
    name = await waiting(stage, timeout_s=1000)

    def call_then_deadline(connection: Connection) -> Any:
        place = call(stage, name)(connection)
        values = {"id": name}
        late = "UPDATE steps SET due_at = 1 WHERE execution_id = :id AND status = 'waiting'"
        connection.execute(text(late), values)
        return place

    called, leased = await asyncio.to_thread(
        one_after_the_other, stage, call_then_deadline, due_then_lease(stage, name)
    )
    assert called.refused is None
    assert [one.source for one in leased[0].callbacks] == ["call"]
    assert ends(stage, name) == ["call"]


def due_then_lease(stage: Stage, name: str) -> Act:
    """Somebody takes the execution because its time is over."""

    def take(connection: Connection) -> Any:
        connection.execute(text("UPDATE executions SET due_at = 1 WHERE id = :id"), {"id": name})
        return lease(stage, name)(connection)

    return take


@played
async def test_a_late_call_that_nobody_forestalled_ends_nothing(stage: Stage) -> None:
    name = await waiting(stage, timeout_s=1000)
    too_late(stage, name)
    with stage.parts.database.writing() as connection:
        place = call(stage, name)(connection)
    assert isinstance(place.refused, CalledTooLate)
    assert ends(stage, name) == ["deadline"]
    assert await stage.engine.lease_due(1) == 1
    assert (await stage.end(name))["error"]["kind"] == "callback_timeout"


@pytest.mark.parametrize("call_first", [True, False])
def test_a_call_while_the_execution_lies_down_wakes_it(stage: Stage, call_first: bool) -> None:
    _while_it_lies_down(stage=stage, call_first=call_first)


@played
async def _while_it_lies_down(stage: Stage, call_first: bool) -> None:
    name = await waiting(stage)
    # As it was just before it lay down.
    stage.write(
        "UPDATE executions SET status = 'running', due_at = :later, lease_owner = 'me'"
        " WHERE id = :id",
        id=name,
        later=stage.parts.clock.now() + 60,
    )
    rest = Record(
        id=name,
        epoch=stage.row(name).epoch,
        now=stage.parts.clock.now(),
        is_sqlite=False,
        suspending=Suspending("waiting", None, (), (("ask", 0),)),
    )

    def lie_down(connection: Connection) -> Any:
        return Record.apply(connection, [rest])[0]

    acts = [call(stage, name), lie_down]
    if not call_first:
        acts.reverse()
    await asyncio.to_thread(one_after_the_other, stage, *acts)
    row = stage.row(name)
    assert row.status == "waiting"
    assert row.due_at is not None
    await stage.engine.lease_due(1)
    assert (await stage.end(name))["output"] == [{"body": 1}]
