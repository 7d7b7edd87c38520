"""The records of an execution, each write guarded by the lease's epoch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, text

from layers.engine.accept import Incoming, accept
from layers.engine.artifact_refs import (
    RESPONSE,
    RESULT,
    Ref,
    put_refs,
    refs_of,
    step_owner,
)
from layers.engine.callback_rows import NamedWait, ends
from layers.engine.history_rows import Remembered, settle
from layers.engine.metering import Meter, NoMeter, Usage
from layers.engine.parts import DROP_PARTS, PUT_PART
from layers.engine.rows import HeldRow
from layers.engine.statuses import ExecutionStatus
from layers.engine.step_logs import PUT_LOGS
from layers.engine.step_writes import FINISH, are_distinct, put_steps, put_steps_and_finish
from layers.engine.wake import lock, note_followed, note_listed, requeue, wake
from layers.identity.audit import AuditEvent, append

SUSPEND = text(
    "UPDATE executions SET status = :status, due_at = :due_at, lease_owner = NULL, crashes = 0,"
    " response = coalesce(:response, response), active_s = active_s + :active_s"
    " WHERE id = :id AND epoch = :epoch"
).execution_options(deferred=True)
RESPOND = text(
    "UPDATE executions SET response = :response WHERE id = :id AND epoch = :epoch"
).execution_options(deferred=True)
TAKE_CALLBACKS = text("UPDATE callbacks SET taken = :taken WHERE id = :id").execution_options(
    deferred=True
)
STEP_TEXTS = ("output", "artifact", "error", "detail", "item_errors")
PART_TEXTS = ("output", "artifact", "errors")
FORGIVE = text(
    "UPDATE executions SET crashes = 0 WHERE id = :id AND epoch = :epoch"
).execution_options(deferred=True)
ENDED_CHILDREN = text(
    "SELECT DISTINCT parent_id AS id FROM executions WHERE id IN :children"
    " AND status IN ('succeeded','failed','cancelled')"
).bindparams(bindparam("children", expanding=True))
CALLED_BACK = text(
    "SELECT execution_id AS id, node_id, run_index FROM callbacks"
    " WHERE execution_id IN :ids AND NOT taken"
).bindparams(bindparam("ids", expanding=True))
DECIDED = text(
    "SELECT DISTINCT execution_id AS id FROM steps WHERE execution_id IN :ids"
    " AND status = 'interrupted' AND detail IS NOT NULL"
).bindparams(bindparam("ids", expanding=True))


@dataclass(frozen=True, slots=True)
class Finishing:
    """The final state; ``error`` and ``output`` are JSON text."""

    status: str
    error: str | None
    output: str | None
    parent_id: str | None = None


@dataclass(frozen=True, slots=True)
class Suspending:
    """A rest: ``waiting`` until ``due_at`` (None: until woken), or ``interrupted``."""

    status: str
    due_at: float | None
    children: tuple[str, ...] = ()
    """Called executions whose end wakes it."""
    callbacks: tuple[tuple[str, int], ...] = ()
    """The steps that wait for a callback, by node id and run."""
    interrupted: bool = False
    """Some of its steps wait for somebody's decision."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a write. ``owned`` is False when the lease was lost: stop at once."""

    owned: bool
    cancel_requested: bool = False
    woken: bool = False
    """A suspended execution has reason to go on already."""
    started: tuple[str, ...] = ()
    """Ids of the executions that were started, in the order of ``starts``."""


@dataclass(frozen=True, slots=True)
class Record:
    """Write what happened in an execution since the last write."""

    id: str
    epoch: int
    now: float
    is_sqlite: bool
    steps: list[dict[str, Any]] = field(default_factory=list)
    logs: Sequence[dict[str, Any]] = ()
    """What steps have printed, as rows."""
    parts: Sequence[dict[str, Any]] = ()
    """Outcomes of single items, as rows."""
    parts_dropped: Sequence[dict[str, Any]] = ()
    """Steps whose items' outcomes need not be kept apart any more."""
    starts: list[Incoming] = field(default_factory=list)
    callbacks_taken: list[str] = field(default_factory=list)
    remembered: Sequence[Remembered] = ()
    """What steps have added to their nodes' histories."""
    finishing: Finishing | None = None
    suspending: Suspending | None = None
    response: str | None = None
    active_s: float = 0.0
    forgives_crashes: bool = False
    """The execution came further than it had before the last crash."""
    audit_events: Sequence[AuditEvent] = ()
    """For the audit log; they have happened, whoever owns the execution now."""
    usages: Sequence[Usage] = ()
    """What it has used; of one that lost its lease it is not counted."""
    meter: Meter = field(default_factory=NoMeter)

    @classmethod
    def apply(cls, connection: Connection, group: Sequence[Record]) -> Sequence[Recorded]:
        """Write a group: one look at the fences, then one statement for each kind of row."""
        is_ended = _ends_alone(group)
        held = _end_alone(connection, group[0]) if is_ended else _held(connection, group)
        owned = [
            write for write in group if write.id in held and held[write.id].epoch == write.epoch
        ]
        _note(connection, owned, held)
        if not is_ended:
            put_steps(connection, [row for write in owned for row in write.steps])
        logs = [row for write in owned for row in write.logs]
        if logs:
            connection.execute(PUT_LOGS, logs)
        _keep_parts(connection, owned)
        taken = [{"id": name, "taken": True} for write in owned for name in write.callbacks_taken]
        if taken:
            connection.execute(TAKE_CALLBACKS, taken)
        settle(connection, [one for write in owned for one in write.remembered], group[0].now)
        _put_on_record(connection, group)
        started = _start(connection, owned)
        if not is_ended:
            _finish(connection, owned)
        woken = _suspend(connection, owned, held)
        _respond(connection, owned)
        forgiven = [{"id": w.id, "epoch": w.epoch} for w in owned if w.forgives_crashes]
        if forgiven:
            connection.execute(FORGIVE, forgiven)
        put_refs(connection, [ref for write in owned for ref in _refs(write)])
        usages = [usage for write in owned for usage in write.usages]
        if usages:
            # Last, so that everybody locks the books after the executions.
            group[0].meter.record(connection, usages)
        ours = {id(write) for write in owned}
        return [
            Recorded(
                owned=id(write) in ours,
                cancel_requested=write.id in held and _is_to_be_cancelled(held[write.id]),
                woken=write.id in woken,
                started=started.get(write.id, ()),
            )
            for write in group
        ]


def _note(connection: Connection, owned: Sequence[Record], held: Mapping[str, HeldRow]) -> None:
    """Let those who follow know; of lists only where a status changes."""
    note_followed(connection, [held[write.id] for write in owned])
    resting = [
        write for write in owned if write.finishing is not None or write.suspending is not None
    ]
    if resting:
        note_listed(connection, [held[write.id] for write in resting])


def _keep_parts(connection: Connection, owned: Sequence[Record]) -> None:
    parts = [row for write in owned for row in write.parts]
    if parts:
        connection.execute(PUT_PART, parts)
    dropped = [place for write in owned for place in write.parts_dropped]
    if dropped:
        connection.execute(DROP_PARTS, dropped)


def _refs(write: Record) -> Iterator[Ref]:
    """What is named of the artifact store by what is written."""
    for row in write.steps:
        yield from refs_of(row, write.id, step_owner(row["node_id"], row["run_index"]), STEP_TEXTS)
    for row in write.parts:
        yield from refs_of(row, write.id, step_owner(row["node_id"], row["run_index"]), PART_TEXTS)
    if write.finishing is not None:
        result = {"output": write.finishing.output, "error": write.finishing.error}
        yield from refs_of(result, write.id, RESULT, result)
    if write.response is not None:
        yield from refs_of({"response": write.response}, write.id, RESPONSE, ("response",))


@dataclass(frozen=True, slots=True)
class AppendAuditEvents:
    """Write into the audit log what happened in an execution that may write no more."""

    audit_events: Sequence[AuditEvent]

    @classmethod
    def apply(cls, connection: Connection, group: Sequence[AppendAuditEvents]) -> Sequence[None]:
        """Write a group."""
        _put_on_record(connection, group)
        return [None for _ in group]


def _put_on_record(connection: Connection, group: Sequence[Record | AppendAuditEvents]) -> None:
    audit_events = [event for write in group for event in write.audit_events]
    if audit_events:
        append(connection, audit_events)


def _held(connection: Connection, group: Sequence[Record]) -> dict[str, HeldRow]:
    """The rows of those that run.

    Those that are going to be woken are locked along, since all are locked in one order.
    """
    parents = {write.finishing.parent_id for write in group if write.finishing is not None}
    ids = {write.id for write in group} | {name for name in parents if name is not None}
    return {
        row.id: row
        for row in lock(connection, ids).values()
        if row.status is ExecutionStatus.RUNNING
    }


def _ends_alone(group: Sequence[Record]) -> bool:
    """Whether all there is to lock is one execution that ends: on PostgreSQL one round trip."""
    one = group[0]
    if len(group) > 1 or one.is_sqlite or one.finishing is None:
        return False
    return one.finishing.parent_id is None and are_distinct(one.steps)


def _end_alone(connection: Connection, write: Record) -> dict[str, HeldRow]:
    """Write its last steps and its end; returns the same as ``_held``."""
    row = put_steps_and_finish(connection, write.steps, _end_of(write))
    return {} if row is None else {row.id: row}


def _is_to_be_cancelled(row: HeldRow) -> bool:
    return row.cancel_requested_at is not None


def _start(connection: Connection, owned: Sequence[Record]) -> dict[str, tuple[str, ...]]:
    started: dict[str, tuple[str, ...]] = {}
    for write in owned:
        if write.starts:
            accepted = accept(connection, write.starts, write.meter)
            started[write.id] = tuple(one.execution_id for one in accepted)
    return started


def _finish(connection: Connection, owned: Sequence[Record]) -> None:
    finished = [_end_of(write) for write in owned if write.finishing is not None]
    if finished:
        connection.execute(FINISH, finished)
        parents = {write.finishing.parent_id for write in owned if write.finishing is not None}
        wake(connection, {name for name in parents if name is not None}, owned[0].now)


def _end_of(write: Record) -> dict[str, Any]:
    assert write.finishing is not None
    return {
        "id": write.id,
        "epoch": write.epoch,
        "now": write.now,
        "status": write.finishing.status,
        "error": write.finishing.error,
        "output": write.finishing.output,
        "response": write.response,
        "active_s": write.active_s,
    }


def _suspend(
    connection: Connection, owned: Sequence[Record], held: Mapping[str, HeldRow]
) -> set[str]:
    """Write the rests; wake at once those whose reason to wait is gone already."""
    resting = [write for write in owned if write.suspending is not None]
    if not resting:
        return set()
    connection.execute(
        SUSPEND,
        [
            {
                "id": write.id,
                "epoch": write.epoch,
                "status": (
                    ExecutionStatus.WAITING
                    if _is_to_be_cancelled(held[write.id])
                    else _rest_of(write).status
                ),
                "due_at": _rest_of(write).due_at,
                "response": write.response,
                "active_s": write.active_s,
            }
            for write in resting
        ],
    )
    waiting = [write for write in resting if _rest_of(write).status == ExecutionStatus.WAITING]
    woken = _called_back(connection, waiting) | _with_ended_children(connection, waiting)
    # Nobody looks at an execution that rests: the request to cancel it must not rest as well.
    woken |= {write.id for write in resting if _is_to_be_cancelled(held[write.id])}
    if woken:
        wake(connection, woken, resting[0].now)
    decided = _decided(connection, resting)
    requeue(connection, decided, resting[0].now)
    return woken | decided


def _decided(connection: Connection, resting: Sequence[Record]) -> set[str]:
    """Those about whose interrupted steps somebody has decided while they still ran."""
    ids = [write.id for write in resting if _rest_of(write).interrupted]
    if not ids:
        return set()
    return {row.id for row in connection.execute(DECIDED, {"ids": ids})}


def _rest_of(write: Record) -> Suspending:
    assert write.suspending is not None
    return write.suspending


def _called_back(connection: Connection, waiting: Sequence[Record]) -> set[str]:
    awaited = {write.id: _rest_of(write).callbacks for write in waiting}
    ids = [name for name, steps in awaited.items() if steps]
    if not ids:
        return set()
    called = [
        (row.id, NamedWait(row.node_id, row.run_index))
        for row in connection.execute(CALLED_BACK, {"ids": ids})
    ]
    return {name for name, end in called if any(ends(end, *step) for step in awaited[name])}


def _with_ended_children(connection: Connection, waiting: Sequence[Record]) -> set[str]:
    children = [child for write in waiting for child in _rest_of(write).children]
    if not children:
        return set()
    return {row.id for row in connection.execute(ENDED_CHILDREN, {"children": children})}


def _respond(connection: Connection, owned: Sequence[Record]) -> None:
    answers = [
        {"id": write.id, "epoch": write.epoch, "response": write.response}
        for write in owned
        if write.response is not None and write.finishing is None and write.suspending is None
    ]
    if answers:
        connection.execute(RESPOND, answers)
