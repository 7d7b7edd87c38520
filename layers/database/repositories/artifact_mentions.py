"""Where rows name artifacts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Table, Text, null, or_, select

from layers.database.models import Base

DIGEST = re.compile("sha256:[0-9a-f]{64}")
AT_ONCE = 100

WHOLE = re.compile(r'(?:\{"artifact":")?(sha256:[0-9a-f]{64})(?:"\})?')
NAMES_NONE = frozenset(
    {
        "usage_ledger",
        "usage_hours",
        "usage_counters",
        "usage_pushes",
        "usage_overage",
        "overage_totals",
    }
)
"""The books: they grow large, and hold ids and numbers only."""
WHOLE_IN = frozenset({"artifact", "output", "response"})
"""Where the engine puts the name of a text that was too large for the row."""


@dataclass(frozen=True)
class Mention:
    """The digests that a column of one row names, and whose row it is (None: nobody's)."""

    workspace_id: str | None
    digests: frozenset[str]
    is_whole: bool
    """Whether the artifact is what the column would hold, and may itself name others."""


def mentions(connection: Connection) -> Iterator[Mention]:
    """What the rows of all workspaces, and those of no workspace, name.

    All tables but the books are asked, so that none can be forgotten; use a snapshot, so that no
    digest moves from where one has not looked yet to where one has.
    """
    for table in Base.metadata.sorted_tables:
        columns = [column for column in table.columns if isinstance(column.type, Text)]
        if columns and table.name not in NAMES_NONE:
            yield from _in_table(connection, table, columns)


def _in_table(
    connection: Connection, table: Table, columns: list[Column[str]]
) -> Iterator[Mention]:
    owner = table.c.workspace_id if "workspace_id" in table.columns else null()
    query = select(owner, *columns).where(or_(*(one.contains("sha256:") for one in columns)))
    for workspace_id, *texts in connection.execution_options(yield_per=AT_ONCE).execute(query):
        for column, text in zip(columns, texts, strict=True):
            if found := DIGEST.findall(text or ""):
                is_whole = column.name in WHOLE_IN and WHOLE.fullmatch(text) is not None
                yield Mention(workspace_id, frozenset(found), is_whole)
