"""A key of an event: accepted once within its window, whatever became of what it began."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import Connection

from layers.database import Database
from layers.engine import event_keys
from layers.engine.accept import Accepted, Incoming, accept
from layers.engine.metering import Admission, LimitExceeded, NoMeter, Start
from layers.ids import new_id
from layers.settings import Settings
from tests.engine.harness import Saved, Stage, chain, node, played

NOW = 1_000_000.0


@pytest.fixture
def stage(settings: Settings) -> Stage:
    """A process without a worker."""
    return Stage(settings, with_worker=False)


class FullPlan(NoMeter):
    """A plan without any room."""

    def admit(self, _connection: Connection, starts: Sequence[Start]) -> list[Admission]:
        """Refuse everything."""
        return [Admission(refused=LimitExceeded("executions", 0, 0, None, "")) for _ in starts]


def saved(stage: Stage) -> Saved:
    return stage.save([node("start", "manual")], chain("start"))


def keyed(stage: Stage, of: Saved, key: str = "k", now: float = NOW) -> Incoming:
    return Incoming(
        workspace_id=stage.home,
        workflow_id=of.id,
        version_id=of.version_id,
        source="somebody",
        payload="{}",
        now=now,
        dedup_key=key,
    )


def put(database: Database, *group: Incoming, full: bool = False) -> list[Accepted]:
    with database.writing() as connection:
        return accept(connection, group, FullPlan() if full else NoMeter())


def number(stage: Stage, table: str) -> int:
    return int(stage.rows(f"SELECT count(*) AS n FROM {table}")[0].n)


@played
async def test_a_key_starts_again_only_after_its_window(stage: Stage) -> None:
    database, one = stage.parts.database, keyed(stage, saved(stage))
    (first,) = put(database, one)
    (again,) = put(database, replace(one, now=NOW + event_keys.WINDOW_S - 1))
    assert again == Accepted(first.execution_id, duplicate=True)
    (later,) = put(database, replace(one, now=NOW + event_keys.WINDOW_S))
    assert not later.duplicate
    assert later.execution_id != first.execution_id
    (again,) = put(database, replace(one, now=NOW + event_keys.WINDOW_S + 1))
    assert again == Accepted(later.execution_id, duplicate=True)
    assert number(stage, "executions") == number(stage, "events") == 2


@played
async def test_the_same_start_handed_in_again_is_the_same(stage: Stage) -> None:
    """The answer of a commit got lost: what was written stands there once, keyed or not."""
    of = saved(stage)
    for one in (keyed(stage, of), replace(keyed(stage, of), dedup_key=None)):
        one = replace(one, execution_id=new_id())
        (first,), (again,) = put(stage.parts.database, one), put(stage.parts.database, one)
        assert again == first
        assert not again.duplicate
    assert number(stage, "executions") == number(stage, "events") == 2


@played
async def test_what_repeats_a_refused_event_is_refused_as_well(stage: Stage) -> None:
    database, one = stage.parts.database, keyed(stage, saved(stage))
    first, second = put(database, one, one, full=True)
    assert first.refused is not None
    assert second.refused is not None
    assert number(stage, "event_keys") == 0
    (third,) = put(database, one)
    assert not third.duplicate


@played
async def test_keys_are_cleared_away_after_their_window(stage: Stage) -> None:
    of, database = saved(stage), stage.parts.database
    put(database, *(keyed(stage, of, str(n), NOW + n) for n in range(5)))
    with database.writing() as connection:
        assert event_keys.expire(connection, NOW + event_keys.WINDOW_S + 2, 2) == 2
        assert event_keys.expire(connection, NOW + event_keys.WINDOW_S + 2, 2) == 1
        assert event_keys.expire(connection, NOW + event_keys.WINDOW_S + 2, 2) == 0
    assert number(stage, "event_keys") == 2
