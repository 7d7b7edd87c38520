"""What ends a wait for a call, on record: one row for each wait, whoever comes first.

Whoever ends a wait holds the execution's row meanwhile. So a call, the deadline, a person and
somebody who cancels stand in line, and the unique row of a wait says who was first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Protocol, Self

from sqlalchemy import Connection, RowMapping, text

from layers import jsontext
from layers.contract import Item, Json
from layers.engine.artifact_refs import CALLBACKS, put_refs, refs_of
from layers.engine.item_codec import decode_items, encode_items
from layers.engine.rows import ExecutionRow, StepRow
from layers.engine.statuses import (
    FINAL,
    FINAL_STEPS,
    CallbackSource,
    ExecutionStatus,
    StepStatus,
    WaitKind,
)
from layers.engine.wake import lock, wake
from layers.errors import Conflict, NotFound, TreadleError
from layers.ids import new_id

FIND = "SELECT id, workspace_id, workflow_id, version_id, status FROM executions WHERE id = :id"
READ = text(FIND)
ENDS = text("SELECT id, node_id, run_index, source, taken FROM callbacks WHERE execution_id = :id")
COLUMNS = "SELECT node_id, run_index, status, due_at, detail, started_at FROM steps"
STEP = text(COLUMNS + " WHERE execution_id = :id AND node_id = :node_id AND run_index = :run_index")
WAITING = text(
    COLUMNS + " WHERE execution_id = :id AND status = 'waiting'"
    " ORDER BY started_at, node_id, run_index"
)
PUT = text(
    "INSERT INTO callbacks (id, workspace_id, execution_id, node_id, run_index, source, payload,"
    " taken, created_at)"
    " VALUES (:callback_id, :workspace_id, :id, :node_id, :run_index, :source, :payload, :taken,"
    " :now) ON CONFLICT DO NOTHING"
)
DATABASE_TIME = text("SELECT extract(epoch FROM clock_timestamp())")


class NoSuchCallback(NotFound):
    """This callback address does not exist."""


class CalledAlready(Conflict):
    """This address was called already: it ends its wait once. The first call counts."""


class WaitOver(TreadleError):
    """The execution does not wait for this call any more."""

    status = HTTPStatus.GONE


class CalledTooLate(WaitOver):
    """The time for this call is over."""


@dataclass(frozen=True, slots=True)
class Target:
    """Whose wait is meant; without ``run_index`` the first that waits, of ``node_id`` if given."""

    execution_id: str
    node_id: str | None = None
    run_index: int | None = None


@dataclass(frozen=True, slots=True)
class CalledExecution:
    """The execution that an address belongs to."""

    id: str
    workspace_id: str
    workflow_id: str
    version_id: str
    status: ExecutionStatus

    @classmethod
    def from_mapping(cls, row: RowMapping) -> Self:
        """Read a row of ``executions``."""
        return cls(
            id=row["id"],
            workspace_id=row["workspace_id"],
            workflow_id=row["workflow_id"],
            version_id=row["version_id"],
            status=ExecutionStatus(row["status"]),
        )


@dataclass(frozen=True, slots=True)
class WaitRow:
    """A step as far as its wait goes; ``detail`` is JSON text."""

    node_id: str
    run_index: int
    status: StepStatus
    due_at: float | None
    detail: str | None
    started_at: float

    @classmethod
    def from_mapping(cls, row: RowMapping) -> Self:
        """Read a row of ``steps``."""
        return cls(
            node_id=row["node_id"],
            run_index=row["run_index"],
            status=StepStatus(row["status"]),
            due_at=row["due_at"],
            detail=row["detail"],
            started_at=row["started_at"],
        )


@dataclass(frozen=True, slots=True)
class NamedWait:
    """Which wait is meant; without a ``run_index`` any of the node, or of the execution."""

    node_id: str | None
    run_index: int | None


@dataclass(frozen=True, slots=True)
class EndRow(NamedWait):
    """What has ended a wait; ``taken`` once its step went on with it."""

    source: CallbackSource
    taken: bool

    @classmethod
    def from_mapping(cls, row: RowMapping) -> Self:
        """Read a row of ``callbacks``."""
        return cls(
            node_id=row["node_id"],
            run_index=row["run_index"],
            source=CallbackSource(row["source"]),
            taken=bool(row["taken"]),
        )


class NamesWait(Protocol):
    """Whatever says which wait it ended, as ``NamedWait`` does."""

    @property
    def node_id(self) -> str | None:
        """Whose wait it was."""

    @property
    def run_index(self) -> int | None:
        """Which of them."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a target stands: its execution, the wait that is meant, and its step once it waits."""

    row: CalledExecution | ExecutionRow
    node_id: str | None
    run_index: int | None
    step: WaitRow | StepRow | None = None
    refused: TreadleError | None = None
    """Why nothing can end it any more."""
    too_late: bool = False
    """It waits still, but its time is over."""

    @property
    def detail(self) -> dict[str, Any]:
        """What the journal keeps of the wait."""
        return _detail(self.step) if self.step is not None else {}


@dataclass(frozen=True, slots=True)
class Ending:
    """What ends a wait: ``source`` is call or person, ``payload`` the item's JSON."""

    payload: str
    source: CallbackSource = CallbackSource.CALL


def present(connection: Connection, now: float) -> float:
    """The moment by which deadlines are judged.

    On PostgreSQL that is the database's: clocks of machines differ, and it is one for all of them.
    """
    if connection.dialect.name == "sqlite":
        return now
    return float(connection.execute(DATABASE_TIME).scalar_one())


def locate(connection: Connection, target: Target, now: float, *, hold: bool = False) -> Place:
    """Find out which wait is meant, and whether it can be ended; raises NoSuchCallback.

    With ``hold`` that stays so until the transaction ends.
    """
    values = {"id": target.execution_id}
    if hold:
        lock(connection, [target.execution_id])
    found = connection.execute(READ, values).mappings().one_or_none()
    if found is None:
        raise NoSuchCallback
    row = CalledExecution.from_mapping(found)
    known = [EndRow.from_mapping(one) for one in connection.execute(ENDS, values).mappings()]
    if target.run_index is None:
        waiting = waits(connection, target.execution_id)
        place = _first(row, target, waiting, known)
    else:
        wait = {**values, "node_id": target.node_id, "run_index": target.run_index}
        one = connection.execute(STEP, wait).mappings().one_or_none()
        step = None if one is None else WaitRow.from_mapping(one)
        place = Place(row, target.node_id, target.run_index, step)
        place = replace(place, refused=_refusal(place, known))
    if row.status in FINAL and not isinstance(place.refused, CalledAlready):
        return replace(place, refused=WaitOver("The execution is over: it waits for nothing."))
    if place.refused is None and is_late(place.step, lambda: present(connection, now)):
        return replace(place, refused=CalledTooLate(), too_late=True)
    return place


def end_wait(connection: Connection, target: Target, ending: Ending, now: float) -> Place:
    """End the wait that is meant, or keep what ends it until it is reached.

    Returns the place; its ``refused`` says why nothing was ended. A wait whose time is over is
    ended by that. Raises NoSuchCallback.
    """
    place = locate(connection, target, now, hold=True)
    if place.refused is None:
        if not put(connection, place, ending.source, ending.payload, now):
            return replace(place, refused=CalledAlready())
    elif place.too_late:
        put(connection, place, CallbackSource.DEADLINE, "{}", now)
    else:
        return place
    wake(connection, [place.row.id], now)
    return place


def put(
    connection: Connection, place: Place, source: CallbackSource, payload: str, now: float
) -> bool:
    """Write down what ended a wait, and say whether that was the first.

    Whoever calls holds the execution's row.
    """
    written = connection.execute(
        PUT,
        {
            "callback_id": new_id(),
            "workspace_id": place.row.workspace_id,
            "id": place.row.id,
            "node_id": place.node_id,
            "run_index": place.run_index,
            "source": source,
            "payload": payload,
            "taken": False,
            "now": now,
        },
    )
    if not written.rowcount:
        return False
    row = {"workspace_id": place.row.workspace_id, "payload": payload}
    put_refs(connection, list(refs_of(row, place.row.id, CALLBACKS, ("payload",))))
    return True


def payload_of(item: Item) -> str:
    """The item that a call brings as it is kept, its files with it."""
    return encode_items([item]) if item.files else jsontext.dumps(item)


def item_of(payload: str) -> Item:
    """The item that was kept."""
    loaded = jsontext.loads(payload)
    return decode_items(payload)[0] if loaded.keys() == {"items", "files"} else Item(loaded)


def ends(callback: NamesWait, node_id: str, run_index: int) -> bool:
    """Say whether something ended this wait, or any of the execution's or the node's."""
    if callback.run_index is None:
        return callback.node_id in (None, node_id)
    return callback.node_id == node_id and callback.run_index == run_index


def waits_for_call(step: WaitRow | StepRow) -> bool:
    """Say whether a step of the journal waits for a call."""
    is_waiting = step.status is StepStatus.WAITING
    return is_waiting and _detail(step).get("kind") == WaitKind.CALLBACK


def waits(connection: Connection, execution_id: str) -> list[WaitRow]:
    """The steps that wait for a call, the longest waiting first."""
    rows = connection.execute(WAITING, {"id": execution_id}).mappings()
    return [step for row in rows if waits_for_call(step := WaitRow.from_mapping(row))]


def is_late(step: WaitRow | StepRow | None, moment: Callable[[], float]) -> bool:
    """Say whether a step waits for a call whose time is over at ``moment()``."""
    if step is None or step.due_at is None or not waits_for_call(step):
        return False
    return step.due_at <= moment()


def _detail(step: WaitRow | StepRow) -> dict[str, Json]:
    return jsontext.loads(step.detail) if step.detail else {}


def _refusal(place: Place, known: Sequence[EndRow]) -> TreadleError | None:
    """Why a wait that is named cannot be ended."""
    assert place.node_id is not None
    assert place.run_index is not None
    for one in known:
        if one.run_index is None and (one.taken or place.step is None):
            continue
        if ends(one, place.node_id, place.run_index):
            if one.source is CallbackSource.DEADLINE:
                return CalledTooLate()
            if one.source is CallbackSource.PERSON:
                return CalledAlready("Somebody has let the execution go on by hand already.")
            return CalledAlready()
    if place.step is not None and place.step.status in FINAL_STEPS:
        return WaitOver("The execution does not wait for this call any more.")
    return None


def _first(
    row: CalledExecution, target: Target, waiting: Sequence[WaitRow], known: Sequence[EndRow]
) -> Place:
    """The wait that an address means which names none: the first that nothing has ended yet."""
    for one in known:
        if not one.taken and (
            one.run_index is None
            or any(ends(one, step.node_id, step.run_index) for step in waiting)
        ):
            # What ended the last wait is not through yet: a call too many may not end the next.
            return Place(row, target.node_id, None, refused=CalledAlready())
    for step in waiting:
        if target.node_id in (None, step.node_id):
            return Place(row, step.node_id, step.run_index, step)
    return Place(row, target.node_id, None)
