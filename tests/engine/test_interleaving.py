"""What two processes do to the same executions at once, met at each statement of the first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection

from layers.engine.accept import Accept, Incoming
from layers.engine.callback_rows import Ending, Target, end_wait
from layers.engine.control import cancel_now, resolve
from layers.engine.journal import Finishing, Record, Suspending
from layers.engine.lease import Lease, Renew
from layers.ids import new_id
from tests.engine.harness import Saved, Stage, chain, node, played
from tests.engine.interleaving import Act, Scene, at_each_statement, in_both_orders


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


class Cast:
    """Executions of one workflow, as they are in the middle of their lives."""

    def __init__(self, stage: Stage, **settings: Any) -> None:
        self.stage = stage
        nodes = [node("start", "manual"), node("ask", "wait", {"callback": True})]
        self.saved: Saved = stage.save(nodes, chain("start", "ask"), **settings)

    @property
    def now(self) -> float:
        return self.stage.parts.clock.now()

    def incoming(self, **changed: Any) -> Incoming:
        """An event for the workflow."""
        values: dict[str, Any] = {
            "workspace_id": self.saved.workspace_id,
            "workflow_id": self.saved.id,
            "version_id": self.saved.version_id,
            "source": "test",
            "payload": "[{}]",
            "now": self.now,
            "max_concurrency": self.saved.max_concurrency,
        }
        return Incoming(**{**values, **changed})

    def running(self, **changed: Any) -> str:
        """An execution that somebody has under a lease, at epoch 1."""
        return self._accepted(
            self.incoming(owner="somebody", lease_s=60.0, max_concurrency=None, **changed)
        )

    def queued(self, **changed: Any) -> str:
        """An execution that waits for a worker."""
        return self._accepted(self.incoming(**changed))

    def _accepted(self, incoming: Incoming) -> str:
        with self.stage.parts.database.writing() as connection:
            return Accept.apply(connection, [Accept(incoming)])[0].execution_id

    # Acts

    def suspend(self, name: str, **suspending: Any) -> Act:
        """Lie down to wait until woken."""
        record = Record(
            name, 1, self.now, is_sqlite=False, suspending=Suspending("waiting", None, **suspending)
        )
        return lambda connection: Record.apply(connection, [record])[0]

    def finish(self, name: str, parent: str) -> Act:
        """End, which its parent waits for."""
        finishing = Finishing("succeeded", None, None, parent)
        record = Record(name, 1, self.now, is_sqlite=False, finishing=finishing)
        return lambda connection: Record.apply(connection, [record])[0]

    def call(self, name: str) -> Act:
        """Call the address of a wait."""
        target = Target(name, "ask", 0)
        return lambda connection: end_wait(connection, target, Ending('{"body":1}'), self.now)

    def cancel(self, name: str) -> Act:
        """Cancel, as a person does."""
        return lambda connection: cancel_now(connection, [name], self.now)

    def accept(self) -> Act:
        """Accept one that its process would run at once."""
        write = Accept(self.incoming(owner="me", lease_s=60.0))
        return lambda connection: Accept.apply(connection, [write])[0]

    def lease(self, *names: str) -> Act:
        """Take what is due."""
        wish = Lease("other", self.now, 60.0, 10, 100, False, names)

        def take(connection: Connection) -> list[str]:
            return [one.row.id for one in Lease.apply(connection, [wish])[0].leased]

        return take

    def renew(self, name: str, owner: str) -> Act:
        """Renew a lease."""
        write = Renew(owner, self.now, 60.0, {name: 1})
        return lambda connection: Renew.apply(connection, [write])[0]

    def decide(self, name: str) -> Act:
        """Decide about an interrupted step, as a person does."""
        decision = {"node_id": "ask", "run_index": 0, "decision": "retry"}

        def act(connection: Connection) -> None:
            resolve(connection, name, decision, self.now)

        return act

    def row(self, name: str) -> Any:
        """The execution's row."""
        return self.stage.row(name)

    def is_awake(self, name: str) -> None:
        """It waits, and somebody looks at it now."""
        row = self.row(name)
        assert row.status == "waiting"
        assert row.due_at is not None


async def met(stage: Stage, scene: Callable[[], Scene]) -> None:
    """Play it in both orders, beside the stage's own loop."""
    await asyncio.to_thread(in_both_orders, stage.parts.database, scene)


@played
async def test_a_call_wakes_what_lies_down(stage: Stage) -> None:
    cast = Cast(stage)

    def scene() -> Scene:
        name = cast.running()
        lying = cast.suspend(name, callbacks=(("ask", 0),))
        return Scene(lying, cast.call(name), lambda _one, _two: cast.is_awake(name))

    await met(stage, scene)


@played
async def test_the_end_of_a_child_wakes_a_parent_that_lies_down(stage: Stage) -> None:
    cast = Cast(stage)

    def scene() -> Scene:
        parent = cast.running()
        child = cast.running(parent_id=parent, parent_step="ask:0")
        lying = cast.suspend(parent, children=(child,))
        return Scene(lying, cast.finish(child, parent), lambda _one, _two: cast.is_awake(parent))

    await met(stage, scene)


@played
async def test_a_cancelled_child_wakes_a_parent_that_lies_down(stage: Stage) -> None:
    cast = Cast(stage)

    def scene() -> Scene:
        parent = cast.running()
        child = cast.queued(parent_id=parent, parent_step="ask:0")
        lying = cast.suspend(parent, children=(child,))
        return Scene(lying, cast.cancel(child), lambda _one, _two: cast.is_awake(parent))

    await met(stage, scene)


@played
async def test_what_lies_down_is_cancelled_all_the_same(stage: Stage) -> None:
    cast = Cast(stage)

    def scene() -> Scene:
        name = cast.running()

        def check(_lain: Any, _told: Any) -> None:
            row = cast.row(name)
            assert row.cancel_requested_at is not None
            assert row.status == "cancelled" or row.due_at is not None

        return Scene(cast.suspend(name), cast.cancel(name), check)

    await met(stage, scene)


@played
async def test_a_child_that_is_started_while_its_parent_is_cancelled_ends_too(stage: Stage) -> None:
    cast = Cast(stage)

    def scene() -> Scene:
        parent = cast.running()
        child = new_id()
        start = cast.incoming(execution_id=child, parent_id=parent, parent_step="ask:0")
        lying = Suspending("waiting", None, children=(child,))
        record = Record(parent, 1, cast.now, False, starts=[start], suspending=lying)

        def check(_lain: Any, _told: Any) -> None:
            row = cast.row(parent)
            # Whoever takes it up again cancels what it has called.
            assert row.cancel_requested_at is not None
            assert row.due_at is not None or cast.row(child).status == "cancelled"

        return Scene(
            lambda connection: Record.apply(connection, [record])[0], cast.cancel(parent), check
        )

    await met(stage, scene)


@played
async def test_a_decision_is_heard_by_what_lies_down_interrupted(stage: Stage) -> None:
    cast = Cast(stage)

    def scene() -> Scene:
        name = cast.running()
        _interrupted_step(stage, name)
        lying = Record(name, 1, cast.now, False, suspending=_INTERRUPTED)

        def check(_lain: Any, _decided: Any) -> None:
            row = cast.row(name)
            assert row.status == "queued"
            assert row.due_at is not None

        return Scene(
            lambda connection: Record.apply(connection, [lying])[0], cast.decide(name), check
        )

    await met(stage, scene)


_INTERRUPTED = Suspending("interrupted", None, interrupted=True)


def _interrupted_step(stage: Stage, name: str) -> None:
    stage.write(
        "INSERT INTO steps (workspace_id, execution_id, node_id, run_index, status, attempt,"
        " sources, started_at) VALUES (:home, :id, 'ask', 0, 'interrupted', 1, '[]', 1)",
        id=name,
        home=stage.home,
    )


@played
async def test_of_two_events_accepted_at_once_one_runs_where_one_may(stage: Stage) -> None:
    cast = Cast(stage, max_concurrency=1)

    def scene() -> Scene:
        _clear(stage)

        def check(one: Any, two: Any) -> None:
            assert sorted([one.leased, two.leased]) == [False, True]

        return Scene(cast.accept(), cast.accept(), check)

    await asyncio.to_thread(at_each_statement, stage.parts.database, scene)


@played
async def test_what_is_accepted_and_what_is_leased_keep_the_limit_together(stage: Stage) -> None:
    cast = Cast(stage, max_concurrency=1)

    def scene() -> Scene:
        _clear(stage)
        name = cast.queued()

        def check(accepted: Any, taken: list[str]) -> None:
            assert accepted.leased + len(taken) == 1

        return Scene(cast.accept(), cast.lease(name), check)

    await met(stage, scene)


@played
async def test_two_who_take_keep_the_limit_together(stage: Stage) -> None:
    cast = Cast(stage, max_concurrency=1)

    def scene() -> Scene:
        _clear(stage)
        one, two = cast.queued(), cast.queued()

        def check(_one: list[str], _two: list[str]) -> None:
            assert _number_running(stage) == 1

        return Scene(cast.lease(one), cast.lease(two), check)

    await asyncio.to_thread(at_each_statement, stage.parts.database, scene)


@played
async def test_who_renews_and_who_steals_never_both_own_it(stage: Stage) -> None:
    cast = Cast(stage)

    def scene() -> Scene:
        name = cast.running()
        stage.write("UPDATE executions SET due_at = 1 WHERE id = :id", id=name)

        def check(renewed: Any, taken: list[str]) -> None:
            assert (name in renewed.lost) == (name in taken)

        return Scene(cast.renew(name, "somebody"), cast.lease(name), check)

    await met(stage, scene)


def _clear(stage: Stage) -> None:
    stage.write("DELETE FROM executions")


def _number_running(stage: Stage) -> int:
    counted = stage.rows("SELECT count(*) AS running FROM executions WHERE status = 'running'")
    return int(counted[0].running)
