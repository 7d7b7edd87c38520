"""What the rows of executions name of the artifact store, written down with the rows.

So whoever looks for artifacts that nobody needs asks an index, and reads no row and no text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, text

MARK = "sha256:"
DIGEST = re.compile("sha256:[0-9a-f]{64}")
WHOLE = re.compile(r'(?:\{"artifact":")?(sha256:[0-9a-f]{64})(?:"\})?')
"""What a column has in place of a text that was too large for it."""
EVENT = "event"
RESULT = "result"
RESPONSE = "response"
CALLBACKS = "callbacks"
Ref = dict[str, Any]

PUT = text(
    "INSERT INTO artifact_refs (execution_id, owner, digest, workspace_id, is_unread)"
    " VALUES (:execution_id, :owner, :digest, :workspace_id, :is_unread) ON CONFLICT DO NOTHING"
).execution_options(deferred=True)
PUT_OF_EXECUTION = text(
    "INSERT INTO artifact_refs (execution_id, owner, digest, workspace_id, is_unread)"
    " SELECT id, :owner, :digest, workspace_id, :is_unread FROM executions"
    " WHERE id = :execution_id ON CONFLICT DO NOTHING"
).execution_options(deferred=True)
COPY = text(
    "INSERT INTO artifact_refs (execution_id, owner, digest, workspace_id, is_unread)"
    " SELECT :new_id, owner, digest, workspace_id, is_unread FROM artifact_refs"
    " WHERE execution_id = :id AND owner = :owner ON CONFLICT DO NOTHING"
)
UNREAD = text(
    "SELECT DISTINCT digest FROM artifact_refs WHERE workspace_id = :workspace_id AND is_unread"
)
NAMED = text(
    "SELECT DISTINCT digest FROM artifact_refs"
    " WHERE workspace_id = :workspace_id AND digest IN :digests"
).bindparams(bindparam("digests", expanding=True))
HOLD_NAMING = text(
    "SELECT id FROM executions WHERE id IN (SELECT execution_id FROM artifact_refs"
    " WHERE workspace_id = :workspace_id AND digest = :digest AND is_unread)"
    " ORDER BY id FOR KEY SHARE"
)
PUT_WITHIN = text(
    "INSERT INTO artifact_refs (execution_id, owner, digest, workspace_id, is_unread)"
    " SELECT execution_id, owner, :name, workspace_id, :no FROM artifact_refs"
    " WHERE workspace_id = :workspace_id AND digest = :digest AND is_unread"
    " ON CONFLICT DO NOTHING"
)
READ = text(
    "UPDATE artifact_refs SET is_unread = :no"
    " WHERE workspace_id = :workspace_id AND digest = :digest AND is_unread"
)
AT_ONCE = 400


def names_in(written: str | None) -> frozenset[str]:
    """The digests in a text."""
    if written is None or MARK not in written:
        return frozenset()
    return frozenset(DIGEST.findall(written))


def step_owner(node_id: str, run_index: int) -> str:
    """How a step is called as the one that names artifacts."""
    return f"{node_id}:{run_index}"


def refs_of(
    row: Mapping[str, Any], execution_id: str, owner: str, columns: Iterable[str]
) -> Iterator[Ref]:
    """What columns of a row name; ``row["names"]`` is what its artifact's text names, if known."""
    found: dict[str, bool] = {}
    for column in columns:
        written = row.get(column)
        if written is not None and MARK in written:
            is_whole = WHOLE.fullmatch(written) is not None
            for digest in DIGEST.findall(written):
                found[digest] = found.get(digest, False) or is_whole
    if not found:
        return
    within = row.get("names")
    if within is not None:
        found = dict.fromkeys(found, False) | dict.fromkeys(within, False)
    of = {"execution_id": execution_id, "owner": owner, "workspace_id": row.get("workspace_id")}
    for digest, is_unread in found.items():
        yield {**of, "digest": digest, "is_unread": is_unread}


def put_refs(connection: Connection, refs: Sequence[Ref]) -> None:
    """Write down what rows name, in the transaction that writes the rows."""
    known = [ref for ref in refs if ref["workspace_id"] is not None]
    if known:
        connection.execute(PUT, known)
    others = [ref for ref in refs if ref["workspace_id"] is None]
    if others:
        connection.execute(PUT_OF_EXECUTION, others)


def copy_refs(connection: Connection, execution_id: str, owner: str, new_id: str) -> None:
    """Let another execution name what a row names that it gets a copy of."""
    connection.execute(COPY, {"id": execution_id, "owner": owner, "new_id": new_id})


def unread(connection: Connection, workspace_id: str) -> list[str]:
    """The large texts of a workspace of which it is not written down what they name."""
    return list(connection.scalars(UNREAD, {"workspace_id": workspace_id}))


def named(connection: Connection, workspace_id: str, digests: Iterable[str]) -> set[str]:
    """Those of the digests that a row of an execution names."""
    wanted = sorted(digests)
    found: set[str] = set()
    for start in range(0, len(wanted), AT_ONCE):
        values = {"workspace_id": workspace_id, "digests": wanted[start : start + AT_ONCE]}
        found.update(connection.scalars(NAMED, values))
    return found


def put_within(
    connection: Connection, workspace_id: str, digest: str, names: Iterable[str]
) -> None:
    """Write down what a large text names, for all rows that name the text."""
    values = {"workspace_id": workspace_id, "digest": digest, "no": False}
    if connection.dialect.name != "sqlite":
        # Whoever deletes one of them meanwhile would leave behind what is written here.
        connection.execute(HOLD_NAMING, values)
    for name in sorted(names):
        connection.execute(PUT_WITHIN, {**values, "name": name})
    connection.execute(READ, values)
