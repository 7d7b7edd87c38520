"""An execution under a lease, with what its owner needs of the journal to go on with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, bindparam, text

from layers import jsontext
from layers.contract import Item
from layers.engine.callback_rows import Place, ends, is_late, present, put
from layers.engine.rows import CallbackRow, ChildRow, EventRow, ExecutionRow, PartRow, StepRow
from layers.engine.statuses import CallbackSource, StepStatus, WaitKind

READ = text(
    "SELECT x.id, x.workspace_id, x.workflow_id, x.version_id, x.event_id, x.trigger_node_id,"
    " x.manual, x.epoch, x.crashes, x.cancel_requested_at, x.parent_id, x.parent_step, x.depth,"
    " x.retry_of, x.active_s, x.created_at, x.started_at, x.response, e.payload, e.artifact"
    " FROM executions x JOIN events e ON e.id = x.event_id"
    " WHERE x.id IN :ids AND x.lease_owner = :owner AND x.status = 'running'"
).bindparams(bindparam("ids", expanding=True))
_STEPS = (
    "SELECT workspace_id, execution_id, node_id, run_index, status, attempt, position, sources,"
    " output, artifact, error, due_at, detail, started_at, finished_at, counts, item_errors,"
    " lineage, origin"
    " FROM steps WHERE execution_id IN :ids"
)
READ_STEPS = text(_STEPS + " ORDER BY execution_id, position").bindparams(
    bindparam("ids", expanding=True)
)
READ_OPEN_STEPS = text(_STEPS + " AND position IS NULL").bindparams(
    bindparam("ids", expanding=True)
)
READ_OPEN_PARTS = text(
    "SELECT p.* FROM step_parts p WHERE p.execution_id IN :ids AND NOT EXISTS ("
    " SELECT 1 FROM steps s WHERE s.execution_id = p.execution_id AND s.node_id = p.node_id"
    " AND s.run_index = p.run_index AND s.position IS NOT NULL)"
    " ORDER BY p.execution_id, p.node_id, p.run_index, p.part"
).bindparams(bindparam("ids", expanding=True))
READ_CALLBACKS = text(
    "SELECT id, execution_id, node_id, run_index, source, payload FROM callbacks"
    " WHERE execution_id IN :ids AND NOT taken ORDER BY id"
).bindparams(bindparam("ids", expanding=True))
READ_CHILDREN = text(
    "SELECT id, parent_id, status, output, error FROM executions"
    " WHERE id IN :ids AND status IN ('succeeded','failed','cancelled')"
).bindparams(bindparam("ids", expanding=True))


@dataclass(slots=True)
class Leased:
    """An execution that is ours for a while, with all that is needed to go on with it."""

    row: ExecutionRow
    event: EventRow
    steps: list[StepRow] = field(default_factory=list)
    callbacks: list[CallbackRow] = field(default_factory=list)
    children: dict[str, ChildRow] = field(default_factory=dict)
    """Of the called executions that are waited for, those that have ended."""
    parts: list[PartRow] = field(default_factory=list)
    """Outcomes of single items of steps that have none themselves."""
    is_remembered: bool = False
    """Its owner remembers where it stood, so that of its steps only the open ones were read."""
    items: Sequence[Item] | None = None
    """What it begins with, where that was made in this process."""


def read_leased(
    connection: Connection,
    ids: Iterable[str],
    owner: str,
    now: float,
    remembered: Mapping[str, int],
) -> list[Leased]:
    """Read executions that were just taken; ``remembered`` are the epochs that their owner knows.

    Where the epoch is the next one, nobody else has had the execution in between.
    """
    rows = connection.execute(READ, {"ids": list(ids), "owner": owner}).mappings()
    leased: dict[str, Leased] = {}
    for values in rows:
        row = ExecutionRow.from_mapping(values)
        leased[row.id] = Leased(
            row,
            EventRow.from_mapping(values),
            is_remembered=remembered.get(row.id, -1) == row.epoch - 1,
        )
    begun = {
        name: one
        for name, one in leased.items()
        if one.row.epoch > 1 or one.row.retry_of is not None
    }
    if begun:
        _read_journal(connection, begun, now)
    return list(leased.values())


def _read_journal(connection: Connection, leased: Mapping[str, Leased], now: float) -> None:
    for statement, is_remembered in ((READ_STEPS, False), (READ_OPEN_STEPS, True)):
        ids = [name for name, one in leased.items() if one.is_remembered is is_remembered]
        for step in connection.execute(statement, {"ids": ids}).mappings() if ids else ():
            leased[step["execution_id"]].steps.append(StepRow.from_mapping(step))
    for part in connection.execute(READ_OPEN_PARTS, {"ids": list(leased)}).mappings():
        leased[part["execution_id"]].parts.append(PartRow.from_mapping(part))
    _read_callbacks(connection, leased, now)
    _read_children(connection, leased)


def _read_children(connection: Connection, leased: Mapping[str, Leased]) -> None:
    awaited = [name for one in leased.values() for step in one.steps for name in _awaited(step)]
    if awaited:
        for child in connection.execute(READ_CHILDREN, {"ids": awaited}).mappings():
            leased[child["parent_id"]].children[child["id"]] = ChildRow.from_mapping(child)


def _awaited(step: StepRow) -> Iterable[str]:
    """The called execution that a step waits for."""
    if step.status is StepStatus.WAITING and step.detail:
        detail = jsontext.loads(step.detail)
        if detail["kind"] == WaitKind.WORKFLOW:
            yield detail["execution_id"]


def _read_callbacks(connection: Connection, leased: Mapping[str, Leased], now: float) -> None:
    """Read what has ended waits, and put down which of the others have ended by their deadline.

    The execution is taken, so nobody else ends one of its waits in between.
    """
    _find_callbacks(connection, leased)
    late = False
    for one in leased.values():
        for step in one.steps:
            if step.due_at is None or step.due_at > now or _is_ended(one, step):
                continue
            if is_late(step, lambda: present(connection, now)):
                place = Place(one.row, step.node_id, step.run_index, step)
                put(connection, place, CallbackSource.DEADLINE, "{}", now)
                late = True
    if late:
        _find_callbacks(connection, leased)


def _find_callbacks(connection: Connection, leased: Mapping[str, Leased]) -> None:
    for one in leased.values():
        one.callbacks.clear()
    for callback in connection.execute(READ_CALLBACKS, {"ids": list(leased)}).mappings():
        leased[callback["execution_id"]].callbacks.append(CallbackRow.from_mapping(callback))


def _is_ended(leased: Leased, step: StepRow) -> bool:
    return any(ends(callback, step.node_id, step.run_index) for callback in leased.callbacks)
