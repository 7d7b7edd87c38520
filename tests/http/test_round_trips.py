"""How often a webhook waits for PostgreSQL, and how many statements run there for it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import text

from functions.parts import Parts
from layers.database import Database
from layers.settings import Settings
from tests.asgi_client import Client
from tests.engine.round_trips import CountingProxy
from tests.postgres_server import PostgresServer

TRIES = 8
"""The least counts: others may look something up beside one of them."""
FIVE = ("hook", "one", "two", "three", "four")
# All that runs there, also what it asks itself for foreign keys. BEGIN and COMMIT are left out:
# once the driver has prepared them, they are counted no more.
COUNT = text(
    "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements s"
    " JOIN pg_database d ON d.oid = s.dbid AND d.datname = current_database()"
    " WHERE query NOT LIKE '%pg_stat_statements%' AND query NOT IN ('BEGIN','COMMIT')"
)
TRANSACTION = 2
"""Statements that begin and end a transaction."""


@pytest.fixture(params=[pytest.param("postgres", marks=pytest.mark.postgres)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """SQLite is always here."""
    kind: str = request.param
    return kind


@pytest.fixture
def proxy(settings: Settings) -> Iterator[CountingProxy]:
    """What counts the round trips."""
    counting = CountingProxy(settings.storage.database_url)
    yield counting
    counting.close()


@pytest.fixture
def parts(make_parts: Callable[..., Parts], settings: Settings, proxy: CountingProxy) -> Parts:
    """The parts of a gateway whose database is behind the proxy."""
    storage = replace(settings.storage, database_url=proxy.url)
    return make_parts(settings=replace(settings, storage=storage))


@pytest.fixture
def statements(postgres_server: PostgresServer, database: Database) -> Callable[[], int]:
    """Says how many statements have run in this test's database, those of foreign keys as well."""
    if not postgres_server.counts_statements:
        if os.environ.get("CI") == "true":
            pytest.fail("pg_stat_statements is missing")
        pytest.skip("NOT TESTED: pg_stat_statements is missing (Debian: in 'postgresql')")
    with database.writing() as connection:
        connection.exec_driver_sql("CREATE EXTENSION pg_stat_statements")
        name = connection.exec_driver_sql("SELECT current_database()").scalar_one()
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET pg_stat_statements.track = 'all'")

    def count() -> int:
        with database.asking() as connection:
            return int(connection.execute(COUNT).scalar_one())

    return count


def hooked(ada: Any, respond: str) -> None:
    """Publish a workflow of five nodes behind the path ``five``."""
    params = {"path": "five", "respond": respond}
    nodes = [
        {"id": "hook", "type": "webhook", "params": params},
        *({"id": name, "type": "set", "params": {"fields": {name: "1"}}} for name in FIVE[1:]),
    ]
    connections = [{"from": a, "to": b} for a, b in pairwise(FIVE)]
    workflow = {"name": "Five", "nodes": nodes, "connections": connections}
    made = ada.program.post("/api/v1/workflows", json=workflow)
    assert made.status == 201, made.text
    activated = ada.program.post(f"/api/v1/workflows/{made.json()['id']}/activate")
    assert activated.status == 200, activated.text


def fewest(client: Client, status: int, *counters: Callable[[], int]) -> list[int]:
    """The least that each counter goes forward by when the webhook is called."""
    found = []
    for _ in range(TRIES):
        before = [count() for count in counters]
        answer = client.post("/hooks/five", json={"order": 1})
        after = [count() for count in counters]
        assert answer.status == status, answer.text
        found.append([b - a for a, b in zip(before, after, strict=True)])
    return [min(counts) for counts in zip(*found[2:], strict=True)]


def test_five_nodes_are_answered_in_five_round_trips_and_ten_statements(
    statements: Callable[[], int], client: Client, ada: Any, proxy: CountingProxy
) -> None:
    hooked(ada, "last_node")
    trips, done = fewest(client, 200, lambda: proxy.count, statements)
    print(f"{trips} round trips, {done} statements")
    assert trips <= 5
    # Accepted in one transaction, recorded in another.
    assert done + 2 * TRANSACTION <= 10


def test_an_event_is_accepted_in_two_round_trips(
    statements: Callable[[], int], client: Client, ada: Any, proxy: CountingProxy
) -> None:
    hooked(ada, "received")
    trips, done = fewest(client, 202, lambda: proxy.count, statements)
    print(f"{trips} round trips, {done} statements")
    assert trips <= 2
    assert done + TRANSACTION <= 5
