"""An execution as people read it: its state, and its steps with what came in and went out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import Connection, bindparam, text

from layers import jsontext
from layers.clock import rfc3339
from layers.contract import Json
from layers.database import Database
from layers.engine.payload_store import PayloadStore
from layers.engine.recorded import ExecutionState, RecordedExecution, StepState
from layers.engine.rows import StepRow
from layers.engine.statuses import ExecutionStatus
from layers.engine.step_logs import LogRow, by_attempt, read_logs
from layers.errors import NotFound
from layers.work import DATABASE, PROCESSOR

P = ParamSpec("P")
T = TypeVar("T")
Key = tuple[str, int]
"""A step: its node, and which run of it."""
READ = text(
    "SELECT x.*, e.payload, e.artifact, w.name AS workflow_name, v.number AS version_number"
    " FROM executions x JOIN events e ON e.id = x.event_id"
    " JOIN workflows w ON w.id = x.workflow_id"
    " LEFT JOIN workflow_versions v ON v.id = x.version_id"
    " WHERE x.workspace_id = :workspace_id AND x.id = :id"
)
READ_STEPS = text(
    "SELECT * FROM steps WHERE workspace_id = :workspace_id AND execution_id = :id"
    " ORDER BY started_at, position, node_id, run_index"
)
READ_SOME = text(
    "SELECT * FROM steps WHERE workspace_id = :workspace_id AND execution_id = :id"
    " AND node_id IN :nodes AND run_index IN :runs"
).bindparams(bindparam("nodes", expanding=True), bindparam("runs", expanding=True))
READ_STATE = text("SELECT * FROM executions WHERE workspace_id = :workspace_id AND id = :id")
# Outcomes first, in their order: if they are too many for once, what is open can wait.
READ_NEWS = text(
    "SELECT node_id, run_index, status, attempt, position, started_at, finished_at, error,"
    " counts, item_errors"
    " FROM steps WHERE workspace_id = :workspace_id AND execution_id = :id"
    " AND (position > :after OR position IS NULL)"
    " ORDER BY CASE WHEN position IS NULL THEN 1 ELSE 0 END, position, node_id, run_index"
    " LIMIT :limit"
)
AT_ONCE = 500
"""So many steps and pieces of logs a follower is told at once at most."""


@dataclass(frozen=True, slots=True)
class ShownStep(StepRow):
    """A step with what its last attempt printed: pieces of ``{stream, text}``."""

    logs: Sequence[dict[str, str]] = ()


@dataclass(frozen=True, slots=True)
class News:
    """What is new in an execution behind the positions that a follower knows."""

    row: ExecutionState
    outcomes: Sequence[StepState]
    """Steps that have their outcome, in that order."""
    opened: Sequence[StepState]
    """Steps that have none, whether they are known or not."""
    logs: Sequence[LogRow]
    has_more_steps: bool
    has_more_logs: bool


def read(
    connection: Connection, workspace_id: str, execution_id: str
) -> tuple[RecordedExecution, list[ShownStep]]:
    """An execution, and its steps with what they printed; raises NotFound."""
    values = {"workspace_id": workspace_id, "id": execution_id}
    row = connection.execute(READ, values).mappings().one_or_none()
    if row is None:
        raise NotFound
    steps = connection.execute(READ_STEPS, values).mappings().all()
    logs = by_attempt(read_logs(connection, workspace_id, execution_id))
    shown = [_shown(StepRow.from_mapping(step), logs) for step in steps]
    return RecordedExecution.from_mapping(row), shown


def _shown(step: StepRow, logs: Mapping[tuple[str, int, int], list[dict[str, str]]]) -> ShownStep:
    printed = logs.get((step.node_id, step.run_index, step.attempt), ())
    return ShownStep(**step.values(), logs=printed)


def read_step(
    connection: Connection, workspace_id: str, execution_id: str, key: Key
) -> tuple[RecordedExecution, StepRow, dict[Key, StepRow]]:
    """An execution, one of its steps, and those whose outputs came into that.

    Raises NotFound.
    """
    values = {"workspace_id": workspace_id, "id": execution_id}
    row = connection.execute(READ, values).mappings().one_or_none()
    found = None if row is None else _some(connection, values, [key]).get(key)
    if row is None or found is None:
        raise NotFound("There is no such execution, or the node did not run in it.")
    before = [(node_id, run) for node_id, run, *_ports in jsontext.loads(found.sources)]
    return RecordedExecution.from_mapping(row), found, _some(connection, values, before)


def _some(
    connection: Connection, values: dict[str, str], keys: Sequence[Key]
) -> dict[Key, StepRow]:
    given = {**values, "nodes": [key[0] for key in keys], "runs": [key[1] for key in keys]}
    rows = connection.execute(READ_SOME, given).mappings() if keys else ()
    found = {(row["node_id"], row["run_index"]): StepRow.from_mapping(row) for row in rows}
    return {key: found[key] for key in keys if key in found}


def read_news(
    connection: Connection, workspace_id: str, execution_id: str, position: int, log_position: int
) -> News:
    """What is new behind an outcome and a piece of logs, without data; raises NotFound.

    What is read later has at least what belongs to what was read before: the outcomes of one that
    has ended, and all that was printed until an outcome.
    """
    values = {"workspace_id": workspace_id, "id": execution_id}
    row = connection.execute(READ_STATE, values).mappings().one_or_none()
    if row is None:
        raise NotFound
    given = {**values, "after": position, "limit": AT_ONCE}
    rows = connection.execute(READ_NEWS, given).mappings()
    steps = [StepState.from_mapping(step) for step in rows]
    logs = read_logs(connection, workspace_id, execution_id, log_position, AT_ONCE)
    return News(
        row=ExecutionState.from_mapping(row),
        outcomes=[step for step in steps if step.position is not None],
        opened=[step for step in steps if step.position is None],
        logs=logs,
        has_more_steps=len(steps) == AT_ONCE and steps[-1].position is not None,
        has_more_logs=len(logs) == AT_ONCE,
    )


def summary(row: ExecutionState) -> dict[str, Json]:
    """What a list shows of an execution."""
    return {
        "id": row.id,
        "workflow_id": row.workflow_id,
        "version_id": row.version_id,
        "status": row.status,
        "manual": bool(row.manual),
        "error": None if row.error is None else jsontext.loads(row.error),
        "parent_id": row.parent_id,
        "retry_of": row.retry_of,
        "created_at": rfc3339(row.created_at),
        "started_at": rfc3339(row.started_at),
        "finished_at": rfc3339(row.finished_at),
        "wakes_at": rfc3339(row.due_at) if row.status is ExecutionStatus.WAITING else None,
        "held_for": row.held_for if row.status is ExecutionStatus.QUEUED else None,
    }


class Origin(Protocol):
    """What an execution is one of; see ``RecordedExecution``."""

    @property
    def workflow_name(self) -> str:
        """The workflow as it is called now."""

    @property
    def version_number(self) -> int | None:
        """Which version ran."""


def described(row: ExecutionState, origin: Origin) -> dict[str, Json]:
    """The same, with what it is one of."""
    number = origin.version_number
    return {
        **summary(row),
        "workflow_name": origin.workflow_name,
        "version": number if number is not None and number > 0 else None,
        "source": "draft" if number is not None and number < 0 else "version",
        "scope": None if row.scope is None else jsontext.loads(row.scope),
        "duration_ms": _duration_ms(row),
    }


def _duration_ms(row: ExecutionState) -> float | None:
    if row.finished_at is None or row.started_at is None:
        return None
    return round((row.finished_at - row.started_at) * 1e3, 1)


async def detail(
    payloads: PayloadStore, row: RecordedExecution, steps: Sequence[ShownStep]
) -> dict[str, Json]:
    """The whole execution. A step's input and output are items by port."""
    outputs = await outputs_of(payloads, steps)
    stored = await payloads.read(row.workspace_id, row.payload, row.artifact)
    event = await _loaded(stored, large=row.artifact is not None)
    result = await payloads.kept_items(row.workspace_id, row.output)
    return {
        **described(row, row),
        "output": result if row.output is not None else None,
        "steps": [_step(step, outputs, event["items"]) for step in steps],
    }


Ports = dict[str, list[Json]]
Outputs = dict[Key, Ports]


async def outputs_of(payloads: PayloadStore, steps: Sequence[StepRow]) -> Outputs:
    """What steps gave, by node and run, then by port."""
    outputs: Outputs = {}
    for step in steps:
        if step.output is not None or step.artifact is not None:
            stored = await payloads.read(step.workspace_id, step.output, step.artifact)
            ports = await _loaded(stored, large=step.artifact is not None)
            outputs[step.node_id, step.run_index] = {
                port: packed["items"] for port, packed in ports.items()
            }
    return outputs


async def _loaded(stored: str, *, large: bool) -> Any:
    return await PROCESSOR.run(jsontext.loads, stored) if large else jsontext.loads(stored)


def counted(step: StepRow | StepState) -> dict[str, Json]:
    """How many items came into a step and went out, by port; null where nobody counted."""
    counts = {} if step.counts is None else jsontext.loads(step.counts)
    return {"input_counts": counts.get("input"), "output_counts": counts.get("output")}


def _step(step: ShownStep, outputs: Outputs, event: list[Json]) -> dict[str, Json]:
    return {
        **progress(step),
        "input": _input(step, outputs, event),
        "output": outputs.get((step.node_id, step.run_index)),
    }


def progress(step: ShownStep) -> dict[str, Json]:
    """A step without its data."""
    return {**state(step), "logs": list(step.logs)}


def state(step: StepRow | StepState) -> dict[str, Json]:
    """A step without its data and what it printed."""
    return {
        "node_id": step.node_id,
        "run_index": step.run_index,
        "status": step.status,
        "attempt": step.attempt,
        "started_at": rfc3339(step.started_at),
        "finished_at": rfc3339(step.finished_at),
        "error": None if step.error is None else jsontext.loads(step.error),
        **_items_failed(step),
    }


def _items_failed(step: StepRow | StepState) -> dict[str, Json]:
    """How many items failed, and the first of them: at which attempt, and why."""
    noted = {} if step.item_errors is None else jsontext.loads(step.item_errors)
    return {"items_failed": noted.get("failed", 0), "item_errors": noted.get("errors", [])}


def _input(step: StepRow, outputs: Outputs, event: list[Json]) -> Ports:
    """What came in is what others gave: it is not stored twice."""
    sources = jsontext.loads(step.sources)
    if not sources:
        return {"main": event}
    arrived: dict[str, list[Json]] = {}
    for node_id, run, port, to_port in sources:
        given = outputs.get((node_id, run), {}).get(port, [])
        arrived.setdefault(to_port, []).extend(given)
    return arrived


async def off_loop(
    database: Database,
    function: Callable[Concatenate[Connection, P], T],
    *arguments: P.args,
    **named: P.kwargs,
) -> T:
    """Call ``function(connection, …)`` on a reading connection in a thread."""

    def call() -> T:
        with database.reading() as connection:
            return function(connection, *arguments, **named)

    return await DATABASE.run(call)
