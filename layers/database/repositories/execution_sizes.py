"""Sums of what measured executions take: added to when they are measured.

When they go, triggers of the database subtract what they took, whoever deletes them.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, Row, text

ADD = text(
    "INSERT INTO execution_size_totals (workspace_id, event_bytes, step_bytes, execution_bytes)"
    " VALUES (:workspace_id, :event_bytes, :step_bytes, :execution_bytes)"
    " ON CONFLICT (workspace_id) DO UPDATE SET"
    " event_bytes = execution_size_totals.event_bytes + excluded.event_bytes,"
    " step_bytes = execution_size_totals.step_bytes + excluded.step_bytes,"
    " execution_bytes = execution_size_totals.execution_bytes + excluded.execution_bytes"
)
NAMES = ("event_bytes", "step_bytes", "execution_bytes")


def add_up(connection: Connection, rows: Iterable[Row[tuple[str, int, int, int]]]) -> None:
    """Add rows of sizes to their workspaces' sums, in the transaction that writes the rows."""
    sums: dict[str, dict[str, int]] = {}
    for row in rows:
        found = sums.setdefault(row.workspace_id, dict.fromkeys(NAMES, 0))
        for name in NAMES:
            found[name] += getattr(row, name)
    if sums:
        added = [{"workspace_id": owner, **found} for owner, found in sorted(sums.items())]
        connection.execute(ADD, added)
