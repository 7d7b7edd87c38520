"""Statements that are sent together: all of them count, or none; and errors are not lost."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from layers.database import Database

ADD = text(
    "INSERT INTO workspaces (id, name, sealed_key, created_at) VALUES (:id, 'w', '', 0)"
).execution_options(deferred=True)


@pytest.fixture(params=[pytest.param("postgres", marks=pytest.mark.postgres)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """SQLite waits for each statement."""
    kind: str = request.param
    return kind


def names(database: Database) -> list[str]:
    with database.asking() as connection:
        found = connection.execute(text("SELECT id FROM workspaces ORDER BY id"))
        return [row.id for row in found]


def add(connection: Connection, *ids: str) -> None:
    connection.execute(ADD, [{"id": name} for name in ids])


def test_what_is_sent_is_committed(database: Database) -> None:
    with database.sending() as connection:
        add(connection, "a")
        add(connection, "b", "c")
        assert connection.execute(text("SELECT count(*) FROM workspaces")).scalar_one() == 3
        add(connection, "d")
    assert names(database) == ["a", "b", "c", "d"]


def test_an_error_that_nobody_waited_for_comes_with_the_commit(database: Database) -> None:
    with pytest.raises(DBAPIError):
        _send_twice(database)
    assert names(database) == []
    test_what_is_sent_is_committed(database)


def test_an_error_that_nobody_waited_for_comes_with_the_next_answer(database: Database) -> None:
    with pytest.raises(IntegrityError):
        _send_twice(database, then="SELECT 1")
    assert names(database) == []


def test_what_raises_writes_nothing(database: Database) -> None:
    with pytest.raises(KeyError):
        _send_and_raise(database)
    assert names(database) == []
    test_what_is_sent_is_committed(database)


def test_a_connection_that_was_lost_is_told_and_replaced(database: Database) -> None:
    with pytest.raises(DBAPIError) as caught, database.sending() as connection:
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert caught.value.connection_invalidated
    test_what_is_sent_is_committed(database)


def _send_twice(database: Database, then: str | None = None) -> None:
    with database.sending() as connection:
        add(connection, "a")
        add(connection, "a")
        if then is not None:
            connection.execute(text(then))
            raise AssertionError


def _send_and_raise(database: Database) -> None:
    with database.sending() as connection:
        add(connection, "a")
        raise KeyError
