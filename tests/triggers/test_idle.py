"""What schedulers cost while nothing happens, counted by the server that has to answer them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest

from layers.settings import BillingMode, Settings
from tests.postgres_server import PostgresServer
from tests.triggers.conftest import Bench, Running, scheduling
from tests.triggers.feed import Board
from tests.waiting import until
from triggers.scheduling import TICK_S

pytestmark = pytest.mark.parametrize(
    "database_kind", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
LOOKS = 8
MOST_A_SECOND = 5
SELDOM = "('delete_unused_artifacts', 'measure_storage')"
"""What is done once an hour or a day."""
LOGGED = "?options=-c%20log_statement%3Dall"


@pytest.fixture
def logged(settings: Settings) -> Settings:
    """Settings by which the server writes down each statement of whoever has them."""
    url = settings.storage.database_url + LOGGED
    billing = replace(settings.billing, mode=BillingMode.ON)
    return replace(settings, storage=replace(settings.storage, database_url=url), billing=billing)


@contextmanager
def two(logged: Settings) -> Iterator[list[Running]]:
    with ExitStack() as stack:
        yield [stack.enter_context(scheduling(logged, name)) for name in ("one", "two")]


def statements(server: PostgresServer) -> list[str]:
    """All that the server was sent by them, with BEGIN and COMMIT and what a pool asks."""
    return re.findall(r"LOG:  (?:statement|execute [^:]*): (.*)", server.log.read_text())


def counted(server: PostgresServer, both: list[Running]) -> tuple[int, int]:
    """How many statements there were during some looks, and how many looks."""
    begun, looks = len(statements(server)), [one.scheduler.looks for one in both]
    until(
        lambda: all(one.scheduler.looks >= n + LOOKS for one, n in zip(both, looks, strict=True)),
        "both look some times",
    )
    ended = [one.scheduler.looks for one in both]
    return len(statements(server)) - begun, sum(ended) - sum(looks)


def at_rest(bench: Bench) -> bool:
    soon = max(one.due_at for one in bench.rows("SELECT min(due_at) AS due_at FROM triggers"))
    jobs = bench.rows("SELECT name, lease_owner, succeeded_at, failures FROM housekeeping_jobs")
    done = [one for one in jobs if one.succeeded_at is not None and one.lease_owner is None]
    waiting = {"delete_unused_artifacts", "release_held", "wake_forgotten"}
    return soon > 1e9 and {one.name for one in jobs} - {one.name for one in done} <= waiting


def test_two_that_have_nothing_to_do_ask_next_to_nothing(
    bench: Bench, logged: Settings, postgres_server: PostgresServer, board: Board
) -> None:
    bench.activate("feed", board="a")
    with two(logged) as both:
        until(lambda: at_rest(bench), "all that was due is done")
        sent, looks = counted(postgres_server, both)
        assert sent <= looks, "one statement a look"
        bench.write(
            "UPDATE housekeeping_jobs SET due_at = 1, succeeded_at = NULL"
            f" WHERE name NOT IN {SELDOM}"
        )
        begun, looked = len(statements(postgres_server)), sum(one.scheduler.looks for one in both)
        until(lambda: at_rest(bench), "every job is done once more")
        for_jobs = len(statements(postgres_server)) - begun
        for_jobs -= sum(one.scheduler.looks for one in both) - looked
    # Every job is done once a minute or more seldom, but for one, which is done twice.
    jobs = len(bench.rows("SELECT 1 FROM housekeeping_jobs"))
    a_minute = for_jobs * (jobs + 1) / jobs + len(both) * 60 / TICK_S
    assert a_minute <= MOST_A_SECOND * 60, (for_jobs, statements(postgres_server)[begun:])


def test_a_claim_that_is_out_makes_nobody_busy(
    bench: Bench, logged: Settings, postgres_server: PostgresServer, closed_board: Board
) -> None:
    bench.activate("feed", board="closed")
    with two(logged) as both:
        until(lambda: closed_board.polls, "one of them polls")
        until(lambda: bench.rows("SELECT 1 FROM housekeeping_jobs"), "they have begun")
        until(lambda: jobs_rest(bench), "the jobs are done")
        sent, looks = counted(postgres_server, both)
        assert sent <= looks, "one statement a look"
        assert len(closed_board.polls) == 1


def jobs_rest(bench: Bench) -> bool:
    jobs = bench.rows("SELECT name FROM housekeeping_jobs WHERE succeeded_at IS NULL")
    return {one.name for one in jobs} <= {
        "delete_unused_artifacts",
        "release_held",
        "wake_forgotten",
    }
