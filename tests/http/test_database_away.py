"""A database that does not answer is told as such, and in time."""

from __future__ import annotations

import json
import socket
from contextlib import ExitStack

import pytest
from sqlalchemy import QueuePool, text
from sqlalchemy.exc import DBAPIError, OperationalError

from functions.parts import Parts
from layers.database import Database, postgresql
from layers.database.unavailable import is_unavailable
from tests.asgi_client import Client
from tests.conftest import Person


def test_where_no_connection_is_left_it_is_told_to_try_again(
    ada: Person, client: Client, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = parts.database.engine.pool
    assert isinstance(pool, QueuePool)
    assert pool.timeout() == 15
    monkeypatch.setattr(pool, "_timeout", 0.01)
    monkeypatch.setattr(pool, "_max_overflow", 0)
    with ExitStack() as stack:
        for _ in range(pool.size()):
            stack.enter_context(parts.database.engine.connect())
        for answer in (
            ada.program.get("/api/v1/workflows"),
            client.as_other().post("/hooks/nothing", json={}),
        ):
            assert answer.status == 503
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["retry-after"] == "5"
            assert "database" in json.loads(answer.body)["detail"]
    assert ada.program.get("/api/v1/workflows").status == 200


def test_a_wrong_statement_is_no_reason_to_try_again(database: Database) -> None:
    with pytest.raises(DBAPIError) as caught, database.reading() as connection:
        connection.execute(text("SELECT nothing FROM nowhere"))
    assert not is_unavailable(caught.value)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_who_waited_too_long_for_the_place_to_write_may_try_again(database: Database) -> None:
    with database.writing(), database.engine.connect() as other:
        other.exec_driver_sql("PRAGMA busy_timeout = 0")
        with pytest.raises(OperationalError) as busy:
            other.exec_driver_sql("BEGIN IMMEDIATE")
    assert is_unavailable(busy.value)


@pytest.mark.parametrize(
    "database_kind", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
def test_a_statement_has_an_end_and_so_has_waiting_for_a_server(database: Database) -> None:
    with database.reading() as connection:
        assert connection.execute(text("SHOW statement_timeout")).scalar_one() == "1min"
        connection.execute(text("SET LOCAL statement_timeout = 10"))
        with pytest.raises(OperationalError) as slow:
            connection.execute(text("SELECT pg_sleep(60)"))
    assert is_unavailable(slow.value)
    with database.reading() as connection:
        idle = connection.execute(text("SHOW idle_in_transaction_session_timeout"))
        assert idle.scalar_one() == "10min"
    nobody = Database("postgresql+psycopg://postgres@127.0.0.1:1/nobody")
    with pytest.raises(OperationalError) as refused, nobody.reading():
        pass
    assert is_unavailable(refused.value)
    nobody.close()


@pytest.mark.postgres
def test_a_server_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    assert postgresql.CONNECT_ARGS["connect_timeout"] == 10
    monkeypatch.setitem(postgresql.CONNECT_ARGS, "connect_timeout", 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        database = Database(f"postgresql+psycopg://postgres@127.0.0.1:{port}/silent")
        with pytest.raises(OperationalError) as waited, database.reading():
            pass
        database.close()
    assert is_unavailable(waited.value)
