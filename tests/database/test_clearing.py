"""Transactions that nobody waits for the disk for, and no others."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from layers.database import Database
from tests.database.seeding import execution_id, seed

EVERY_COMMIT_FLUSHED = {"sqlite": "2", "postgresql": "on"}
LEFT_TO_THE_NEXT = {"sqlite": "1", "postgresql": "off"}


def flushing(connection: Connection) -> str:
    name = (
        "PRAGMA synchronous" if connection.dialect.name == "sqlite" else "SHOW synchronous_commit"
    )
    return str(connection.exec_driver_sql(name).scalar_one())


@pytest.fixture
def durable(database: Database) -> Database:
    """One whose server flushes, as it is outside of tests."""
    if not database.is_sqlite:
        with database.engine.connect() as plain:
            connection = plain.execution_options(isolation_level="AUTOCOMMIT")
            name = connection.exec_driver_sql("SELECT current_database()").scalar_one()
            connection.exec_driver_sql(f"ALTER DATABASE {name} SET synchronous_commit = on")
        database.engine.dispose()
    return database


def test_only_clearing_leaves_flushing_to_the_next_commit(durable: Database) -> None:
    dialect = durable.engine.dialect.name
    for _ in range(2):
        with durable.writing() as connection:
            assert flushing(connection) == EVERY_COMMIT_FLUSHED[dialect]
        with durable.clearing() as connection:
            assert flushing(connection) == LEFT_TO_THE_NEXT[dialect]


def test_what_was_cleared_is_gone(database: Database) -> None:
    seed(database, ["succeeded"] * 3)
    with database.clearing() as connection:
        connection.execute(text("DELETE FROM executions WHERE id = :id"), {"id": execution_id(0)})
    database.checkpoint()
    with database.reading() as connection:
        left = connection.scalars(text("SELECT id FROM executions ORDER BY id DESC")).all()
    assert left == [execution_id(1), execution_id(2)]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_the_log_is_moved_beside_whoever_writes(database: Database, tmp_path: Path) -> None:
    seed(database, ["succeeded"] * 3)
    with database.clearing() as connection:
        connection.execute(text("DELETE FROM executions"))
    database.checkpoint()
    assert database.engine.url.database is not None
    # What lies in the log only is not in the file.
    copied = shutil.copy(database.engine.url.database, tmp_path / "copied.db")
    with closing(sqlite3.connect(copied)) as plain:
        assert plain.execute("SELECT count(*) FROM executions").fetchone() == (0,)


def test_what_fails_in_the_midst_clears_nothing(database: Database) -> None:
    seed(database, ["succeeded"] * 3)

    def clear() -> None:
        with database.clearing() as connection:
            connection.execute(text("DELETE FROM executions"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        clear()
    with database.clearing() as connection:
        found = connection.execute(text("SELECT count(*) FROM executions"))
        assert found.scalar_one() == 3
