"""Jobs on the side: one scheduler does each, and one that is slow or fails stops nothing else."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import text

from layers.clock import ManualClock
from layers.database import Database
from tests.waiting import PATIENCE_S
from triggers.due import DueQuery
from triggers.housekeeping.housekeeper import ALERT_AFTER, Housekeeper
from triggers.housekeeping.job import Job


def rows(database: Database, query: str) -> list[Any]:
    with database.reading() as connection:
        return list(connection.execute(text(query)))


async def eventually(
    condition: Callable[[], object], work: Callable[[], Awaitable[None]] | None = None
) -> None:
    """With ``work`` it looks for what is due meanwhile: what has just ended is not begun again."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.005)
            if work is not None:
                await work()


@asynccontextmanager
async def housekeeper(
    database: Database, clock: ManualClock, jobs: Sequence[Job], owner: str = "one"
) -> AsyncIterator[Callable[[], Any]]:
    """One that begins what is due whenever it is told to."""
    one = Housekeeper(owner, database, clock, jobs)
    due_query = DueQuery(database, clock, one.wanted)

    async def work() -> None:
        due = await asyncio.to_thread(due_query)
        await one.start_due(due.jobs)

    await one.begin()
    try:
        yield work
    finally:
        await one.stop()
        one.close()
        due_query.close()


def test_a_job_is_done_again_after_its_pause(database: Database) -> None:
    clock, done = ManualClock(), []

    async def run() -> None:
        jobs = [Job("a", 60, lambda: done.append("a")), Job("b", 60, lambda: None, 3600)]
        async with housekeeper(database, clock, jobs) as work:
            for expected in (1, 1, 2):
                await work()
                await eventually(lambda n=expected: len(done) == n, work)
                await eventually(lambda: idle(database))
                clock.advance(30 if len(done) == 1 else 0)

    asyncio.run(run())
    assert done == ["a", "a"]


def idle(database: Database) -> bool:
    return rows(database, "SELECT 1 FROM housekeeping_jobs WHERE lease_owner IS NOT NULL") == []


def busy(database: Database) -> list[str]:
    query = "SELECT name FROM housekeeping_jobs WHERE lease_owner IS NOT NULL ORDER BY name"
    return [row.name for row in rows(database, query)]


def test_a_slow_one_and_a_failing_one_stop_nothing_else(database: Database) -> None:
    clock, done, gate = ManualClock(), [], threading.Event()

    def fail() -> None:
        raise OSError("the disk is full")

    async def run() -> None:
        jobs = [
            Job("slow", 60, lambda: gate.wait(PATIENCE_S)),
            Job("failing", 60, fail),
            Job("good", 60, lambda: done.append(1)),
        ]
        async with housekeeper(database, clock, jobs) as work:
            for round_ in range(1, ALERT_AFTER + 1):
                await work()
                await eventually(lambda n=round_: len(done) == n, work)
                await eventually(lambda n=round_: failures(database) == n, work)
                # What ends after the clock has gone on is due again later than that.
                await eventually(lambda: busy(database) == ["slow"])
                clock.advance(3601)
            gate.set()
            await eventually(lambda: idle(database))

    asyncio.run(run())
    (alert,) = rows(database, "SELECT kind, detail FROM instance_alerts")
    assert alert.kind == "housekeeping_failing"
    detail = json.loads(alert.detail)
    assert (detail["job"], detail["error"]) == ("failing", "the disk is full")
    (failing,) = rows(database, "SELECT * FROM housekeeping_jobs WHERE name = 'failing'")
    third_at = failing.failing_since + 2 * 3601
    assert failing.due_at - third_at == 60 * 2**3, "each pause is twice as long"


def failures(database: Database) -> int:
    (row,) = rows(database, "SELECT failures FROM housekeeping_jobs WHERE name = 'failing'")
    return int(row.failures)


def test_what_was_told_is_dismissed_when_it_works_again(database: Database) -> None:
    clock, broken = ManualClock(), [True]

    def work_or_fail() -> None:
        if broken:
            raise OSError("away")

    async def run() -> None:
        async with housekeeper(database, clock, [Job("failing", 1, work_or_fail)]) as work:
            for round_ in range(1, ALERT_AFTER + 2):
                await work()
                await eventually(lambda n=round_: failures(database) == n, work)
                clock.advance(3601)
            broken.clear()
            await work()
            await eventually(lambda: failures(database) == 0, work)

    asyncio.run(run())
    (alert,) = rows(database, "SELECT dismissed_at FROM instance_alerts")
    assert alert.dismissed_at is not None


def test_of_two_schedulers_one_does_it(database: Database) -> None:
    clock, begun, gate = ManualClock(), [], threading.Event()

    def slow() -> None:
        begun.append(1)
        gate.wait(PATIENCE_S)

    async def run() -> None:
        jobs = [Job("slow", 60, slow)]
        async with (
            housekeeper(database, clock, jobs) as one,
            housekeeper(database, clock, jobs, "two") as other,
        ):
            await asyncio.gather(one(), other())
            await eventually(lambda: begun)
            await one()
            await other()
            gate.set()
            await eventually(lambda: idle(database))

    asyncio.run(run())
    assert begun == [1]


def test_a_job_that_nothing_is_wanted_of_is_left_alone(database: Database) -> None:
    clock, done = ManualClock(), []
    wanted = "EXISTS (SELECT 1 FROM instance_alerts WHERE mail_due_at <= :now)"

    async def run() -> None:
        jobs = [Job("mail", 1, lambda: done.append(1), wanted=wanted)]
        async with housekeeper(database, clock, jobs) as work:
            await work()
            assert idle(database)
            with database.writing() as connection:
                connection.execute(
                    text(
                        "INSERT INTO instance_alerts (id, kind, key, level, detail, created_at,"
                        " mail_state, mail_attempts, mail_due_at) VALUES"
                        " ('1', 'k', 'k', 'error', '{}', 1, 'pending', 0, 1)"
                    )
                )
            await work()
            await eventually(lambda: done, work)

    asyncio.run(run())
    (row,) = rows(database, "SELECT epoch FROM housekeeping_jobs")
    assert row.epoch == 1
