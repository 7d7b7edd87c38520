"""Where rows that are not of executions name artifacts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Table, Text, null, or_, select

from layers.database.models import Base

DIGEST = re.compile("sha256:[0-9a-f]{64}")
AT_ONCE = 100

OF_EXECUTIONS = frozenset(
    {"events", "executions", "steps", "step_parts", "callbacks", "artifact_refs"}
)
"""What ``artifact_refs`` says is not looked for in the rows."""
NAMES_NONE = frozenset(
    {
        "event_keys",
        "execution_sizes",
        "step_logs",
        "usage_ledger",
        "usage_hours",
        "usage_counters",
        "usage_pushes",
        "usage_overage",
        "overage_totals",
    }
)
"""What grows with executions, and holds ids, numbers, or what a step printed."""


@dataclass(frozen=True)
class Mention:
    """The digests that the texts of one row name, and whose row it is (None: nobody's)."""

    workspace_id: str | None
    digests: frozenset[str]


def mentions(connection: Connection) -> Iterator[Mention]:
    """What the rows of all workspaces, and those of no workspace, name.

    All tables but those of executions and the books are asked, so that none can be forgotten; use a
    snapshot, so that no digest moves from where one has not looked yet to where one has.
    """
    for table in Base.metadata.sorted_tables:
        columns = [column for column in table.columns if isinstance(column.type, Text)]
        if columns and table.name not in NAMES_NONE | OF_EXECUTIONS:
            yield from _in_table(connection, table, columns)


def _in_table(
    connection: Connection, table: Table, columns: list[Column[str]]
) -> Iterator[Mention]:
    owner = table.c.workspace_id if "workspace_id" in table.columns else null()
    query = select(owner, *columns).where(or_(*(one.contains("sha256:") for one in columns)))
    for workspace_id, *texts in connection.execution_options(yield_per=AT_ONCE).execute(query):
        digests = frozenset(digest for text in texts for digest in DIGEST.findall(text or ""))
        if digests:
            yield Mention(workspace_id, digests)
