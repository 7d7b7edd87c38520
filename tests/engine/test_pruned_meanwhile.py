"""What is deleted because it is old while somebody else is at it, met at each statement."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, text

from billing.usage.storage import measure_ended
from layers.database.repositories.erasing import erase_ended
from layers.engine import artifact_refs, history
from layers.engine.control import Retry, retry
from layers.errors import NotFound
from tests.engine.harness import Stage, chain, node, played
from tests.engine.interleaving import Act, Scene, in_both_orders

LARGE, FILE = (f"sha256:{digit * 64}" for digit in "ab")
SIZES = ("event_bytes", "step_bytes", "execution_bytes")


@pytest.fixture(params=[pytest.param("postgres", marks=pytest.mark.postgres)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Where two write at once; on SQLite they stand in line before they begin."""
    kind: str = request.param
    return kind


class Cast:
    """Executions that have ended, of a workflow whose last node can be retried."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        nodes = [node("start", "manual"), node("middle", "no_op"), node("end", "no_op")]
        self.saved = stage.save(nodes, chain("start", "middle", "end"))

    async def ended(self) -> str:
        """One that names a large text, whatever it was."""
        name = str((await self.stage.run(self.saved, {"n": 1}))["id"])
        self.stage.write(
            "INSERT INTO artifact_refs (execution_id, owner, digest, workspace_id, is_unread)"
            " VALUES (:id, 'middle:0', :digest, :home, true)",
            id=name,
            digest=LARGE,
            home=self.stage.home,
        )
        self.stage.write(
            "UPDATE steps SET output = NULL, artifact = :digest"
            " WHERE execution_id = :id AND node_id = 'middle'",
            id=name,
            digest=LARGE,
        )
        return name

    def erase(self, *names: str) -> Act:
        """Delete them; returns how many went."""
        return lambda connection: erase_ended(connection, self.stage.home, names)

    def left(self, table: str, column: str = "execution_id") -> set[str]:
        """Whose rows there are."""
        return {row[0] for row in self.stage.rows(f"SELECT {column} FROM {table}")}


async def met(stage: Stage, scene: Callable[[], Any]) -> None:
    """Play it in both orders; ``scene`` is made on the stage's own loop."""
    loop = asyncio.get_running_loop()

    def made() -> Scene:
        found: Scene = asyncio.run_coroutine_threadsafe(scene(), loop).result()
        return found

    await asyncio.to_thread(in_both_orders, stage.parts.database, made)


@played
async def test_a_retry_has_all_of_what_is_deleted_or_is_refused(stage: Stage) -> None:
    cast = Cast(stage)
    plan = await stage.engine.plan(cast.saved.version_id)

    async def scene() -> Scene:
        name = await cast.ended()
        with stage.parts.database.reading() as connection:
            row = history.read(connection, stage.home, name)[0]

        def again(connection: Connection) -> str | None:
            now = stage.parts.clock.now()
            try:
                return retry(connection, row, plan, Retry("end"), now, stage.engine.meter)
            except NotFound:
                return None

        def check(new: str | None, _erased: int) -> None:
            if new is not None:
                reused = [step.node_id for step in stage.steps(new) if step.origin == name]
                assert reused == ["start", "middle"]
                assert new in cast.left("artifact_refs")

        return Scene(again, cast.erase(name), check)

    await met(stage, scene)


@played
async def test_what_is_measured_meanwhile_leaves_nothing_behind(stage: Stage) -> None:
    cast = Cast(stage)

    async def scene() -> Scene:
        names = [await cast.ended() for _ in range(2)]

        def measured(connection: Connection) -> None:
            measure_ended(connection, names)

        def check(_measured: None, _erased: int) -> None:
            assert cast.left("execution_sizes") <= cast.left("executions", "id")
            sums = ", ".join(f"coalesce(sum({name}), 0)" for name in SIZES)
            (summed,) = stage.rows(f"SELECT {sums} FROM execution_sizes")
            (totals,) = stage.rows(f"SELECT {sums} FROM execution_size_totals")
            assert tuple(totals) == tuple(summed)

        return Scene(measured, cast.erase(*names), check)

    await met(stage, scene)


@played
async def test_what_a_large_text_names_is_not_written_down_for_what_is_gone(stage: Stage) -> None:
    cast = Cast(stage)

    async def scene() -> Scene:
        name = await cast.ended()

        def read(connection: Connection) -> None:
            artifact_refs.put_within(connection, stage.home, LARGE, [FILE])

        def check(_read: None, _erased: int) -> None:
            assert cast.left("artifact_refs") <= cast.left("executions", "id")
            for row in stage.rows(
                "SELECT digest FROM artifact_refs WHERE execution_id = :n", n=name
            ):
                assert row.digest in {LARGE, FILE}

        return Scene(read, cast.erase(name), check)

    await met(stage, scene)


@played
async def test_two_who_delete_leave_each_other_what_they_are_at(stage: Stage) -> None:
    cast = Cast(stage)

    async def scene() -> Scene:
        names = [await cast.ended() for _ in range(3)]

        def check(one: int, other: int) -> None:
            assert one + other == 3
            assert not cast.left("executions", "id").intersection(names)

        return Scene(cast.erase(*names), cast.erase(*reversed(names)), check)

    await met(stage, scene)


@played
async def test_a_workflow_is_deleted_while_its_executions_are(stage: Stage) -> None:
    async def scene() -> Scene:
        cast = Cast(stage)
        names = [await cast.ended() for _ in range(2)]

        def delete(connection: Connection) -> None:
            connection.execute(text("DELETE FROM workflows WHERE id = :id"), {"id": cast.saved.id})

        def check(_deleted: None, _erased: int) -> None:
            for table in ("events", "steps", "artifact_refs"):
                assert not cast.left(table).intersection(names), table
            assert not cast.left("executions", "id").intersection(names)

        return Scene(delete, cast.erase(*names), check)

    await met(stage, scene)
