"""Sums of what measured executions take: added to when they are measured, and when they go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, Row, bindparam, text

ADD = text(
    "INSERT INTO execution_size_totals (workspace_id, event_bytes, step_bytes, execution_bytes)"
    " VALUES (:workspace_id, :event_bytes, :step_bytes, :execution_bytes)"
    " ON CONFLICT (workspace_id) DO UPDATE SET"
    " event_bytes = execution_size_totals.event_bytes + excluded.event_bytes,"
    " step_bytes = execution_size_totals.step_bytes + excluded.step_bytes,"
    " execution_bytes = execution_size_totals.execution_bytes + excluded.execution_bytes"
)
DROP = text(
    "DELETE FROM execution_sizes WHERE execution_id IN :ids"
    " RETURNING workspace_id, event_bytes, step_bytes, execution_bytes"
).bindparams(bindparam("ids", expanding=True))
NAMES = ("event_bytes", "step_bytes", "execution_bytes")


def add_up(
    connection: Connection, rows: Iterable[Row[tuple[str, int, int, int]]], sign: int = 1
) -> None:
    """Add rows of sizes to their workspaces' sums, in the transaction that writes the rows."""
    sums: dict[str, dict[str, int]] = {}
    for row in rows:
        found = sums.setdefault(row.workspace_id, dict.fromkeys(NAMES, 0))
        for name in NAMES:
            found[name] += sign * getattr(row, name)
    if sums:
        added = [{"workspace_id": owner, **found} for owner, found in sorted(sums.items())]
        connection.execute(ADD, added)


def drop_sizes(connection: Connection, execution_ids: Sequence[str]) -> None:
    """Forget the sizes of executions that are deleted."""
    add_up(connection, connection.execute(DROP, {"ids": list(execution_ids)}).all(), sign=-1)
