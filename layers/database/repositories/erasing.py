"""Deletes executions that have ended, by the set.

The database deletes what belongs to an execution with it, whoever deletes it: its event, what its
steps left behind, and its share of what the workspace stores. On SQLite foreign keys and triggers
do so row by row, within the process; on PostgreSQL one trigger does so for a whole statement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, TextClause, text

from layers import jsontext
from layers.database.changes import Kind, note_lists
from layers.database.models.executions import FINAL

ENDED = f"status IN ({', '.join(repr(one.value) for one in sorted(FINAL))})"
# The ids are one parameter, so that the statement is the same for any number of them.
ERASE: Mapping[str, TextClause] = {
    "sqlite": text(
        "DELETE FROM executions WHERE id IN (SELECT value FROM json_each(:ids))"  # noqa: S608 - our names
        f" AND workspace_id = :workspace_id AND {ENDED}"
    ),
    # As an array, what was locked is found by the index, however many there are.
    "postgresql": text(
        "DELETE FROM executions WHERE id = ANY(ARRAY(SELECT id FROM executions"  # noqa: S608 - our names
        f" WHERE id = ANY(:ids) AND workspace_id = :workspace_id AND {ENDED}"
        " FOR UPDATE SKIP LOCKED))"
    ),
}


def erase_ended(connection: Connection, workspace_id: str, ids: Sequence[str]) -> int:
    """Delete those of these executions that have ended and that nobody else holds just now.

    Returns how many there were.
    """
    dialect = connection.dialect.name
    given = jsontext.dumps(list(ids)) if dialect == "sqlite" else list(ids)
    values = {"ids": given, "workspace_id": workspace_id}
    erased = connection.execute(ERASE[dialect], values).rowcount
    if erased:
        note_lists(connection, Kind.EXECUTIONS, [workspace_id])
    return erased
