"""Waking executions: whoever has a reason for one to go on, and whoever lets one rest, meet here.

On PostgreSQL an UPDATE judges rows as they were when it began, so that ``... WHERE status =
'waiting'`` passes by an execution that is about to wait in a transaction not yet committed. So
both sides first lock the rows, whatever their status, and only then look:

- who wakes has written its reason (a callback, a child's end, a request to cancel), locks, and
  makes due what waits;
- who suspends locks, rests, and looks whether there is a reason already (``journal``).

Whichever comes second sees what the first has committed. Rows are locked in the order of their
ids, all of a transaction's at once where that is possible, so that nobody waits in a circle.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from sqlalchemy import Connection, TextClause, bindparam, text

from layers.database.changes import Kind, note_changes, note_lists
from layers.engine.rows import HeldRow
from layers.engine.statuses import ExecutionStatus

_ROWS = (
    "SELECT id, workspace_id, epoch, status, cancel_requested_at, parent_id, followed"
    " FROM executions WHERE id IN :ids"
)
LOOK = text(_ROWS).bindparams(bindparam("ids", expanding=True))
# Not FOR UPDATE: foreign keys to an execution are checked meanwhile.
LOCK = text(_ROWS + " ORDER BY id FOR NO KEY UPDATE").bindparams(bindparam("ids", expanding=True))
WAKE = text(
    "UPDATE executions SET due_at = :now WHERE id IN :ids AND status = 'waiting'"
).bindparams(bindparam("ids", expanding=True))
REQUEUE = text(
    "UPDATE executions SET status = 'queued', due_at = :now"
    " WHERE id IN :ids AND status IN ('interrupted','waiting')"
).bindparams(bindparam("ids", expanding=True))


def lock(connection: Connection, ids: Iterable[str]) -> Mapping[str, HeldRow]:
    """Hold executions until the transaction ends; returns their rows as they are then, by id.

    SQLite has one writer at a time, which holds all of them.
    """
    return _rows(connection, LOOK if connection.dialect.name == "sqlite" else LOCK, ids)


def look(connection: Connection, ids: Iterable[str]) -> Mapping[str, HeldRow]:
    """Their rows as they are now, by id, without holding them."""
    return _rows(connection, LOOK, ids)


def note_followed(connection: Connection, changed: Iterable[Followed]) -> None:
    """Of executions that are changed, given as their rows, those who follow some are told."""
    followed = [row.id for row in changed if row.followed]
    if followed:
        note_changes(connection, followed)


def note_listed(connection: Connection, changed: Iterable[Followed]) -> None:
    """The same where lists show the change, such as another status: those who see one are told."""
    rows = list(changed)
    note_followed(connection, rows)
    note_lists(connection, Kind.EXECUTIONS, (row.workspace_id for row in rows))


class Followed(Protocol):
    """What is known of an execution that is changed."""

    @property
    def id(self) -> str: ...
    @property
    def workspace_id(self) -> str: ...
    @property
    def followed(self) -> bool: ...


def _rows(
    connection: Connection, statement: TextClause, ids: Iterable[str]
) -> Mapping[str, HeldRow]:
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    rows = connection.execute(statement, {"ids": wanted}).mappings()
    return {row["id"]: HeldRow.from_mapping(row) for row in rows}


def wake(connection: Connection, ids: Iterable[str], now: float) -> None:
    """Let executions that wait be taken up now. The reason is written before, not after."""
    held = lock(connection, ids)
    waiting = [row.id for row in held.values() if row.status is ExecutionStatus.WAITING]
    if waiting:
        connection.execute(WAKE, {"ids": waiting, "now": now})


def requeue(connection: Connection, ids: Iterable[str], now: float) -> None:
    """Let executions go on about which somebody has decided; the caller holds them."""
    decided = sorted(ids)
    if decided:
        connection.execute(REQUEUE, {"ids": decided, "now": now})
