"""Finds executions that wait although they have reason to go on, as if a wake had been lost.

Whoever wakes and whoever suspends see each other (``wake``), so there should be none. A bug, a
restored backup or a hand in the database would leave one for ever: nobody looks at what waits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, text

from layers import jsontext
from layers.engine.callback_rows import NamedWait, ends
from layers.engine.journal import CALLED_BACK, ENDED_CHILDREN
from layers.engine.statuses import WaitKind
from layers.engine.wake import wake

# In the order of ids, so that a round goes on where the last one stopped.
WAITING = text(
    "SELECT id, cancel_requested_at FROM executions WHERE status = 'waiting' AND id > :after"
    " AND (due_at IS NULL OR due_at > :now) ORDER BY id LIMIT :limit"
)
WAITS = text(
    "SELECT execution_id, node_id, run_index, detail FROM steps"
    " WHERE execution_id IN :ids AND status = 'waiting' AND detail IS NOT NULL"
).bindparams(bindparam("ids", expanding=True))


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What was woken, and behind which id the next look begins: "" from the start."""

    woken: tuple[str, ...]
    after: str


def reconcile(connection: Connection, after: str, now: float, limit: int) -> Reconciled:
    """Look at the next ``limit`` executions that wait, and wake those that need not.

    Within the caller's write transaction.
    """
    rows = connection.execute(WAITING, {"after": after, "now": now, "limit": limit}).all()
    if not rows:
        return Reconciled((), "")
    ids = [row.id for row in rows]
    forgotten = {row.id for row in rows if row.cancel_requested_at is not None}
    awaited, children = _waits(connection, ids)
    for row in connection.execute(CALLED_BACK, {"ids": ids}):
        wait = NamedWait(row.node_id, row.run_index)
        if any(ends(wait, *step) for step in awaited.get(row.id, ())):
            forgotten.add(row.id)
    if children:
        ended = connection.execute(ENDED_CHILDREN, {"children": children})
        forgotten |= {row.id for row in ended} & set(ids)
    woken = tuple(sorted(forgotten))
    wake(connection, woken, now)
    return Reconciled(woken, ids[-1] if len(ids) == limit else "")


def _waits(
    connection: Connection, ids: Sequence[str]
) -> tuple[Mapping[str, list[tuple[str, int]]], list[str]]:
    """The steps that wait for a call, by execution, and the executions that others wait for."""
    awaited: dict[str, list[tuple[str, int]]] = defaultdict(list)
    children: list[str] = []
    for step in connection.execute(WAITS, {"ids": list(ids)}):
        detail = jsontext.loads(step.detail)
        if detail["kind"] == WaitKind.CALLBACK:
            awaited[step.execution_id].append((step.node_id, step.run_index))
        elif detail["kind"] == WaitKind.WORKFLOW:
            children.append(detail["execution_id"])
    return awaited, children
