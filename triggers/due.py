"""One statement that says what is due of all that a scheduler does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from layers.clock import Clock
from layers.database import Database
from layers.database.clock import DatabaseClock

# Each reads the first entry of an index, and an idle scheduler asks nothing else.
PARTS = (
    "SELECT 'polls' AS kind, '' AS name, min(due_at) AS due_at FROM triggers"
    " WHERE due_at IS NOT NULL",
    "SELECT 'listeners', '', min(listen_due_at) FROM triggers WHERE listen_due_at IS NOT NULL",
    "SELECT 'acquisitions', '', min(due_at) FROM trigger_acquisitions WHERE due_at IS NOT NULL",
    "SELECT 'executions', '', min(due_at) FROM executions WHERE due_at IS NOT NULL",
    "SELECT 'job', name, due_at FROM housekeeping_jobs",
)
CLOCK = "SELECT 'clock', '', CAST(extract(epoch FROM clock_timestamp()) AS double precision)"


@dataclass(frozen=True)
class Due:
    """From when on there is something to do, in seconds since the epoch; None: nothing at all."""

    polls: float | None = None
    listeners: float | None = None
    acquisitions: float | None = None
    executions: float | None = None
    """Of executions, running ones too: from then on somebody should go on with one."""
    jobs: Mapping[str, float] = field(default_factory=dict)
    """By name, jobs that there is something to do for."""


class DueQuery:
    """Asks the database; not to be called on the event loop, nor by two threads at once."""

    def __init__(self, database: Database, clock: Clock, wanted: Mapping[str, str]) -> None:
        """``wanted`` says by SQL, for jobs by name, whether there is anything to do for them.

        Their conditions may use ``:now``; a job that is not among them is always wanted.
        """
        self._database = database
        self._clock = clock
        self._conditional = frozenset(wanted)
        conditions = [
            f"SELECT 'wanted', '{name}', CASE WHEN {condition} THEN 1.0 ELSE 0.0 END"
            for name, condition in wanted.items()
        ]
        clocks = [] if database.is_sqlite else [CLOCK]
        self._statement = text(" UNION ALL ".join((*PARTS, *conditions, *clocks)))
        self._connection: Connection | None = None

    def __call__(self) -> Due:
        """Say what is due; the database's time comes along and sets the clock."""
        rows = self._rows()
        first = {row.kind: row.due_at for row in rows}
        wanted = {row.name for row in rows if row.kind == "wanted" and row.due_at}
        jobs = {
            row.name: row.due_at
            for row in rows
            if row.kind == "job" and (row.name in wanted or row.name not in self._conditional)
        }
        return Due(
            polls=first["polls"],
            listeners=first["listeners"],
            acquisitions=first["acquisitions"],
            executions=first["executions"],
            jobs=jobs,
        )

    def close(self) -> None:
        """Let go of the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _rows(self) -> list[Any]:
        values = {"now": self._clock.now()}
        if self._database.is_sqlite:
            with self._database.reading() as connection:
                return list(connection.execute(self._statement, values))
        return self._rows_of_postgresql(values)

    def _rows_of_postgresql(self, values: Mapping[str, float]) -> list[Any]:
        """By a connection that is kept and commits by itself: one statement, not four."""
        if self._connection is None:
            opened = self._database.engine.connect()
            self._connection = opened.execution_options(isolation_level="AUTOCOMMIT")
        asked_at = self._clock.own() if isinstance(self._clock, DatabaseClock) else 0.0
        try:
            rows = list(self._connection.execute(self._statement, values))
        except DBAPIError:
            self.close()
            raise
        if isinstance(self._clock, DatabaseClock):
            self._clock.set(next(row.due_at for row in rows if row.kind == "clock"), asked_at)
        return rows
