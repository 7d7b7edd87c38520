"""Connections to PostgreSQL: with limits in time, and with few round trips."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, LiteralString, Self
from weakref import WeakKeyDictionary

import psycopg
from psycopg import pq
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, DisconnectionError

IDLE_S = 1.0
"""A connection that was used less than this ago is taken to be alive."""
CONNECT_ARGS = {
    "connect_timeout": 10,
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
# The server's side: whose machine has vanished gives back its locks within a minute.
LIMITS = (
    "SELECT set_config('statement_timeout', '60s', false),"
    " set_config('idle_in_transaction_session_timeout', '600s', false),"
    " set_config('tcp_keepalives_idle', '30', false),"
    " set_config('tcp_keepalives_interval', '10', false),"
    " set_config('tcp_keepalives_count', '3', false)"
)


_pipelines: WeakKeyDictionary[psycopg.Connection[Any], psycopg.Pipeline] = WeakKeyDictionary()


class DeferringCursor(psycopg.Cursor[Any]):
    """In a pipeline, waits for results unless it was told that nobody looks at them."""

    deferred = False

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        """Send a statement; see ``psycopg.Cursor.execute``."""
        super().execute(query, params, **options)
        self._wait()
        return self

    def executemany(self, query: Any, params_seq: Any, **options: Any) -> None:
        """Send a statement for each row; see ``psycopg.Cursor.executemany``."""
        super().executemany(query, params_seq, **options)
        self._wait()

    def _wait(self) -> None:
        pipeline = _pipelines.get(self.connection)
        if pipeline is not None and not self.deferred:
            pipeline.sync()


def postgresql_engine(url: URL, pool_size: int) -> Engine:
    """An engine whose connections end rather than hang, and are tried before use if idle."""
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=8,
        pool_timeout=15,
        connect_args={**CONNECT_ARGS, "cursor_factory": DeferringCursor},
    )
    event.listen(engine, "connect", _limit)
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", _try_idle)
    event.listen(engine, "before_cursor_execute", _tell_cursor)
    return engine


def can_pipeline() -> bool:
    """Whether the client library can send statements without waiting for results."""
    return psycopg.Pipeline.is_supported()


@contextmanager
def one_transaction(connection: Connection) -> Iterator[None]:
    """Run the block as a transaction that is begun and committed along with its statements.

    ``connection`` is one in autocommit mode: the driver's own BEGIN would be waited for.
    """
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    try:
        with driver.pipeline() as pipeline:
            _pipelines[driver] = pipeline
            _send(driver, "BEGIN")
            yield
            _send(driver, "COMMIT")
    except psycopg.Error as error:
        # Of what nobody waited for: SQLAlchemy has not seen it.
        raise DBAPIError.instance(
            "COMMIT", None, error, psycopg.Error, connection_invalidated=driver.broken
        ) from error
    finally:
        _pipelines.pop(driver, None)
        if driver.broken:
            connection.invalidate()
        elif driver.info.transaction_status is not pq.TransactionStatus.IDLE:
            driver.rollback()


def _send(driver: psycopg.Connection[Any], statement: LiteralString) -> None:
    cursor = DeferringCursor(driver)
    cursor.deferred = True
    cursor.execute(statement)


def _limit(connection: psycopg.Connection[Any], _record: object) -> None:
    connection.execute(LIMITS)
    connection.commit()


def _note_use(_connection: object, record: Any) -> None:
    record.info["used_at"] = time.monotonic()


def _try_idle(connection: psycopg.Connection[Any], record: Any, _proxy: object) -> None:
    """Ask only those that were idle whether they are alive: a question is a round trip."""
    if time.monotonic() - record.info.get("used_at", time.monotonic()) < IDLE_S:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except psycopg.Error as error:
        raise DisconnectionError from error
    if connection.info.transaction_status is not pq.TransactionStatus.IDLE:
        raise DisconnectionError


def _tell_cursor(
    _connection: Connection,
    cursor: Any,
    _statement: str,
    _parameters: Sequence[Any],
    context: Any,
    _executemany: bool,
) -> None:
    if context is not None and context.execution_options.get("deferred"):
        cursor.deferred = True
