"""What is stored by each workspace, in bytes: measured once an hour, byte-hours for the ledger.

Executions never change once they have ended, so each is measured once, and what is deleted takes
its measure along: an hour's work is what has come since the last one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, bindparam, text
from sqlalchemy.sql.elements import TextClause

from billing.usage.ledger import HOUR_S, record
from billing.usage.stored_kinds import FILES, OTHERS, StoredKind, bytes_of
from layers.database import Database
from layers.database.repositories.execution_sizes import add_up
from layers.database.repositories.instance_facts import read_fact, set_fact
from layers.engine.metering import Usage

METER = "storage_byte_hours"
BATCH = 2_000
"""So many executions are measured in one transaction: others write between two."""
MOST_BATCHES = 3
"""So many at once: whatever else billing does waits meanwhile."""
SETTLED_S = 300.0
"""What ended so long ago is committed, whichever process wrote it and by whichever clock."""
LAST = text(
    "SELECT quantity FROM usage_ledger WHERE workspace_id = :workspace_id"
    " AND meter = 'storage_byte_hours' AND occurred_at > :since ORDER BY occurred_at DESC LIMIT 1"
)
MEASURED = text(
    "SELECT workspace_id, event_bytes AS events, step_bytes AS steps,"
    " execution_bytes AS executions FROM execution_size_totals"
)
UNMEASURED = text(
    "SELECT e.id, e.finished_at FROM executions e WHERE e.finished_at >= :since AND NOT EXISTS"
    " (SELECT 1 FROM execution_sizes z WHERE z.execution_id = e.id)"
    " ORDER BY e.finished_at LIMIT :batch"
)
HOLD = text("SELECT id FROM executions WHERE id = ANY(:ids) ORDER BY id FOR KEY SHARE")
FACT = "executions_measured_to"
"""The moment until which every execution that ended is measured."""
PUT = text(
    "INSERT INTO stored_sizes (workspace_id, kind, bytes, measured_at)"
    " SELECT id, :kind, :bytes, :now FROM workspaces WHERE id = :workspace_id"
    " ON CONFLICT (workspace_id, kind) DO UPDATE SET bytes = excluded.bytes,"
    " measured_at = excluded.measured_at"
)
GONE = text("DELETE FROM stored_sizes WHERE kind = :kind AND measured_at < :now")
MEASURED_AT = text("SELECT max(measured_at) FROM stored_sizes WHERE kind = :kind")
TOTALS = text("SELECT workspace_id, sum(bytes) AS bytes FROM stored_sizes GROUP BY workspace_id")
KINDS = text(
    "SELECT kind, bytes, measured_at FROM stored_sizes WHERE workspace_id = :workspace_id"
    " AND bytes > 0 ORDER BY bytes DESC, kind"
)


class StorageMeasure:
    """Measures what workspaces keep in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def measure(self, now: float) -> None:
        """Bring ``stored_sizes`` up to date, but for the files."""
        self.catch_up(now)
        with self._database.reading() as connection:
            found = open_and_measured(connection)
            due = [one for one in OTHERS if _is_due(connection, one, now)]
            for kind in due:
                for row in connection.execute(_sum_of(kind, connection.dialect.name)):
                    found[kind.name][row.workspace_id] = int(row.bytes)
        with self._database.writing() as connection:
            for name in ("events", "steps", "executions", *(one.name for one in due)):
                put_sizes(connection, name, found[name], now)

    def catch_up(self, now: float, batches: int = MOST_BATCHES) -> bool:
        """Measure executions that have ended since, so many at most; says whether none is left.

        Where billing is switched on with much history behind it, that takes a while.
        """
        for _ in range(batches):
            with self._database.reading() as connection:
                since = read_fact(connection, FACT)
                values = {"since": float(since or 0.0), "batch": BATCH}
                ended = connection.execute(UNMEASURED, values).all()
            if ended:
                last = now if len(ended) < BATCH else ended[-1].finished_at
                with self._database.writing() as connection:
                    measure_ended(connection, [row.id for row in ended])
                    to = repr(min(last, now - SETTLED_S))
                    set_fact(connection, FACT, to)
            if len(ended) < BATCH:
                return True
        return False


def put_sizes(connection: Connection, kind: str, sizes: Mapping[str, int], now: float) -> None:
    """Keep what workspaces store of a kind; whoever is not named stores nothing of it."""
    rows = [
        {"workspace_id": workspace_id, "kind": kind, "bytes": size, "now": now}
        for workspace_id, size in sorted(sizes.items())
    ]
    if rows:
        connection.execute(PUT, rows)
    connection.execute(GONE, {"kind": kind, "now": now})


def stored_by_workspace(connection: Connection) -> dict[str, int]:
    """How many bytes each workspace stores, as they were measured last."""
    return {row.workspace_id: int(row.bytes) for row in connection.execute(TOTALS)}


def stored_by_kind(connection: Connection, workspace_id: str) -> Sequence[Row[Any]]:
    """Rows of ``kind``, ``bytes`` and ``measured_at``, the largest first."""
    return connection.execute(KINDS, {"workspace_id": workspace_id}).all()


def measure_storage(connection: Connection, stored: dict[str, int], now: float) -> int:
    """Write down how many bytes each workspace stores.

    Once an hour, however many schedulers do it; returns for how many workspaces.
    """
    hour = int(now // HOUR_S) * HOUR_S
    usages = [
        Usage(workspace_id, METER, f"storage:{hour}", size, now)
        for workspace_id, size in sorted(stored.items())
        if size
    ]
    if usages:
        record(connection, usages, now)
    return len(usages)


def stored_bytes(connection: Connection, workspace_id: str, now: float) -> int:
    """What a workspace stored when it was measured last."""
    values = {"workspace_id": workspace_id, "since": now - 2 * HOUR_S}
    return int(connection.execute(LAST, values).scalar_one_or_none() or 0)


def put_files(connection: Connection, sizes: Mapping[str, int], now: float) -> None:
    """Keep how many bytes of files workspaces have in the artifact store."""
    put_sizes(connection, FILES, sizes, now)


def open_and_measured(connection: Connection) -> dict[str, dict[str, int]]:
    """By kind and workspace: what executions take, measured ones and those that have not ended."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    rows = [
        *connection.execute(MEASURED),
        *connection.execute(_open(connection.dialect.name)),
    ]
    for row in rows:
        for name in ("events", "steps", "executions"):
            found[name][row.workspace_id] += int(getattr(row, name))
    return found


def measure_ended(connection: Connection, ids: Sequence[str]) -> None:
    """Measure executions that have ended, those that are there."""
    statement = _insert(connection.dialect.name)
    if connection.dialect.name != "sqlite":
        # Whoever deletes one of them meanwhile would leave its measure behind.
        connection.execute(HOLD, {"ids": list(ids)})
    add_up(connection, connection.execute(statement, {"ids": ids}).all())


def _is_due(connection: Connection, kind: StoredKind, now: float) -> bool:
    last = connection.execute(MEASURED_AT, {"kind": kind.name}).scalar_one_or_none()
    # A minute less: the next hour's measure may come a little sooner after this one.
    return last is None or now >= last + kind.every_h * HOUR_S - 60


def _sizes(dialect: str) -> tuple[str, str, str]:
    """SQL for the bytes of an execution ``e``: of its event, its steps and itself."""
    event = (
        f"(SELECT {bytes_of('events', 'v', dialect)}"  # noqa: S608 - our names
        " FROM events v WHERE v.id = e.event_id)"
    )
    steps, parts, logs, calls = (
        f"(SELECT sum({bytes_of(table, 's', dialect)}) FROM {table} s"  # noqa: S608 - our names
        " WHERE s.execution_id = e.id)"
        for table in ("steps", "step_parts", "step_logs", "callbacks")
    )
    own = bytes_of("executions", "e", dialect)
    return (
        f"coalesce({event}, 0)",
        f"coalesce({steps}, 0) + coalesce({parts}, 0) + coalesce({logs}, 0)",
        f"{own} + coalesce({calls}, 0)",
    )


@cache
def _insert(dialect: str) -> TextClause:
    events, steps, own = _sizes(dialect)
    return text(
        "INSERT INTO execution_sizes (execution_id, workspace_id, event_bytes, step_bytes,"  # noqa: S608 - our names
        f" execution_bytes) SELECT e.id, e.workspace_id, {events}, {steps}, {own}"
        " FROM executions e WHERE e.id IN :ids ON CONFLICT (execution_id) DO NOTHING"
        " RETURNING workspace_id, event_bytes, step_bytes, execution_bytes"
    ).bindparams(bindparam("ids", expanding=True))


@cache
def _open(dialect: str) -> TextClause:
    """What executions take that have not ended: it still grows."""
    events, steps, own = _sizes(dialect)
    return text(
        f"SELECT o.workspace_id, sum(o.events) AS events, sum(o.steps) AS steps,"  # noqa: S608 - our names
        f" sum(o.own) AS executions FROM (SELECT e.workspace_id, {events} AS events,"
        f" {steps} AS steps, {own} AS own FROM executions e WHERE e.finished_at IS NULL) AS o"
        " GROUP BY o.workspace_id"
    )


@cache
def _sum_of(kind: StoredKind, dialect: str) -> TextClause:
    each = " UNION ALL ".join(
        f"SELECT workspace_id, sum({bytes_of(table, 't', dialect)}) AS bytes"  # noqa: S608 - our names
        f" FROM {table} t GROUP BY workspace_id"
        for table in kind.tables
    )
    whole = f"SELECT workspace_id, sum(bytes) AS bytes FROM ({each}) AS k GROUP BY workspace_id"  # noqa: S608 - our names
    return text(whole)
