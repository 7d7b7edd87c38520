"""Who deletes is killed in the midst of it: each execution is whole or gone, and the rest goes."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from functions.parts import Parts
from layers.clock import SystemClock
from layers.database import Database
from layers.settings import Settings
from tests.database.seeding import WORKSPACE, seed
from tests.triggers.scheduler_process import scheduler_process
from triggers.housekeeping import pace
from triggers.housekeeping.pruner import Pruner

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]
MANY = pace.POSTGRESQL.calm.fewest + 100


def ids(database: Database, table: str, column: str) -> set[str]:
    with database.reading() as connection:
        return set(connection.scalars(text(f"SELECT {column} FROM {table}")))


def test_a_kill_in_the_midst_leaves_whole_executions(parts: Parts, settings: Settings) -> None:
    database = parts.database
    seed(database, ["succeeded"] * MANY)
    with database.writing() as connection:
        connection.execute(
            text("UPDATE workspaces SET retention_days = 1 WHERE id = :id"), {"id": WORKSPACE}
        )
    first, second = "prune.before_commit", "prune.before_commit@2"
    for moment in (first, second):
        with scheduler_process(settings, "scheduler-1", TREADLE_FAILPOINT=moment) as process:
            assert process.wait(200) == -9
        left = ids(database, "executions", "id")
        assert ids(database, "steps", "execution_id") == left
        assert ids(database, "events", "execution_id") == left
        assert len(left) == MANY if moment == first else 0 < len(left) < MANY
        let_the_job_go(database)
    assert asyncio.run(Pruner(database, SystemClock()).prune_now()) == len(left)
    assert not ids(database, "events", "id")


def let_the_job_go(database: Database) -> None:
    """A minute, until the dead one's claim is over, in a moment."""
    with database.writing() as connection:
        connection.execute(text("UPDATE housekeeping_jobs SET due_at = 0 WHERE name = 'prune'"))
