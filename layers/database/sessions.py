"""Connections: short reads, short writes, nothing held while a node runs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from layers.database.changes import Announcer, take_changes
from layers.database.conflicts import was_given_up
from layers.database.write_lock import FileWriteLock, NoWriteLock
from layers.errors import SetupError
from layers.private_files import tighten, with_companions

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA busy_timeout=15000",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-8000",
    "PRAGMA wal_autocheckpoint=4000",
)

CLEARING_PRAGMAS = ("PRAGMA synchronous=NORMAL", "PRAGMA wal_autocheckpoint=0")
"""The next flush of anybody else flushes these commits along; ``checkpoint`` stands beside them."""

T = TypeVar("T")
C = TypeVar("C", Connection, Session)
TRIES = 5


class Database:
    """One database, SQLite or PostgreSQL, behind the same four doors.

    ``read``/``write`` give ORM sessions, ``reading``/``writing`` plain connections for the hot
    path. A write commits when its block ends and rolls back when it raises.
    """

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if not self.is_sqlite and parsed.get_backend_name() != "postgresql":
            raise SetupError(
                "TREADLE_DATABASE_URL must start with sqlite:/// or postgresql+psycopg://"
            )
        self.engine: Engine
        self.announcer: Announcer | None = None
        """Who is told what a transaction changes, if anybody is."""
        self._write_lock: FileWriteLock | NoWriteLock
        self._sent_together: Callable[[Connection], AbstractContextManager[None]] | None = None
        """A transaction whose statements need not wait for each other, where that is possible."""
        if self.is_sqlite:
            path = Path(parsed.database or "treadle.db").absolute()
            path.parent.mkdir(parents=True, exist_ok=True)
            tighten(with_companions(path))
            self.engine = create_engine(
                parsed, pool_size=pool_size, max_overflow=32, pool_timeout=15
            )
            event.listen(self.engine, "connect", _prepare_sqlite)
            self._clearing = create_engine(parsed, pool_size=1, pool_timeout=15)
            event.listen(self._clearing, "connect", _prepare_sqlite)
            event.listen(self._clearing, "connect", _prepare_clearing)
            self._write_lock = FileWriteLock(path.with_name(path.name + ".turn"))
        else:
            # Who keeps everything in SQLite need not wait for PostgreSQL's driver at each start.
            from layers.database.postgresql import (
                can_pipeline,
                one_transaction,
                postgresql_engine,
            )

            if can_pipeline():
                self._sent_together = one_transaction
            self.engine = self._clearing = postgresql_engine(parsed, pool_size)
            self._write_lock = NoWriteLock()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one consistent state and leaves nothing behind."""
        with self.engine.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN")
            yield connection
            connection.rollback()

    @contextmanager
    def asking(self) -> Iterator[Connection]:
        """A connection for single questions, which spares PostgreSQL a transaction around each.

        What is asked twice may have changed in between; nothing may be written.
        """
        if self.is_sqlite:
            with self.reading() as connection:
                yield connection
            return
        with self.engine.connect() as plain:
            yield plain.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A reading connection for which the whole database stands still until it is closed.

        While it is open, nothing of what others replace can be cleared away.
        """
        if self.is_sqlite:
            with self.reading() as connection:
                yield connection
            return
        with self.engine.connect() as plain:
            connection = plain.execution_options(isolation_level="REPEATABLE READ")
            yield connection
            connection.rollback()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection in a write transaction, committed at the end."""
        with self._writing(self.engine) as connection:
            yield connection

    @contextmanager
    def clearing(self) -> Iterator[Connection]:
        """A write transaction for what is found and done again, should it be lost.

        It is whole or not there; but where the machine loses its power within a second after it,
        it may be not there, since nobody waited for the disk. Let ``checkpoint`` follow.
        """
        with self._writing(self._clearing) as connection:
            if not self.is_sqlite:
                connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
            yield connection

    def checkpoint(self) -> None:
        """Move what was written to SQLite's log into its file, beside whoever writes meanwhile."""
        if self.is_sqlite:
            with self._clearing.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")

    @contextmanager
    def _writing(self, engine: Engine) -> Iterator[Connection]:
        with self._write_lock.held(), engine.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                # Begun here and not by an ORM session, which would take it along when it closes.
                connection.begin()
            take_changes(connection)
            try:
                yield connection
                committed = self._announce(connection)
                connection.commit()
            except BaseException:
                connection.rollback()
                raise
        committed()

    def transact(self, work: Callable[[Connection], T]) -> T:
        """Do ``work`` in a write transaction, again where the database gave it up for others."""
        return _tried(self.writing, work)

    def change(self, work: Callable[[Session], T]) -> T:
        """The same in an ORM session. What it read before does not count at the next try."""
        return _tried(self.write, work)

    @contextmanager
    def sending(self) -> Iterator[Connection]:
        """The same, where statements that are marked ``deferred`` go to PostgreSQL with the next.

        Marked are those whose results nobody looks at. Their errors come with what is sent next,
        at the latest with the commit.
        """
        if self._sent_together is None:
            with self.writing() as connection:
                yield connection
            return
        with self.engine.connect() as plain:
            connection = plain.execution_options(isolation_level="AUTOCOMMIT")
            take_changes(connection)
            with self._sent_together(connection):
                yield connection
                committed = self._announce(connection)
        committed()

    def _announce(self, connection: Connection) -> Callable[[], None]:
        """Tell what the transaction changes; returns what to call when it is committed."""
        changes = take_changes(connection)
        if changes is None or self.announcer is None:
            return _nothing_to_say
        return self.announcer.announce(connection, changes)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """An ORM session for reading."""
        with self.reading() as connection, Session(connection, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """An ORM session for writing; repositories flush, this commits."""
        with (
            self.writing() as connection,
            Session(
                connection, expire_on_commit=False, join_transaction_mode="rollback_only"
            ) as session,
        ):
            yield session
            session.flush()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
        self._clearing.dispose()


def _nothing_to_say() -> None:
    """Nobody is told."""


def _tried(open_one: Callable[[], AbstractContextManager[C]], work: Callable[[C], T]) -> T:
    for tries_left in range(TRIES - 1, -1, -1):
        try:
            with open_one() as opened:
                return work(opened)
        except DBAPIError as error:
            if not tries_left or not was_given_up(error):
                raise
    raise AssertionError("unreachable")


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    assert isinstance(connection, sqlite3.Connection)
    # Transactions are begun by name: the driver's own rules begin them too late.
    connection.isolation_level = None
    for pragma in SQLITE_PRAGMAS:
        connection.execute(pragma)


def _prepare_clearing(connection: sqlite3.Connection, _record: object) -> None:
    for pragma in CLEARING_PRAGMAS:
        connection.execute(pragma)
