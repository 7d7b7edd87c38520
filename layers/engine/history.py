"""An execution as people read it: its state, and its steps with what came in and went out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, text

from layers import jsontext
from layers.clock import rfc3339
from layers.contract import Json
from layers.engine.payload_store import PayloadStore
from layers.errors import NotFound
from layers.work import DATABASE, PROCESSOR

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
READ_PROGRESS = text(
    "SELECT node_id, run_index, status, attempt, position, started_at, finished_at, error, logs,"
    " counts, item_errors"
    " FROM steps WHERE workspace_id = :workspace_id AND execution_id = :id"
    " ORDER BY started_at, position, node_id, run_index"
)


def read(connection: Connection, workspace_id: str, execution_id: str) -> tuple[Any, list[Any]]:
    """The rows of an execution and its steps; raises NotFound."""
    values = {"workspace_id": workspace_id, "id": execution_id}
    row = connection.execute(READ, values).one_or_none()
    if row is None:
        raise NotFound
    return row, list(connection.execute(READ_STEPS, values))


def read_step(
    connection: Connection, workspace_id: str, execution_id: str, key: tuple[str, int]
) -> tuple[Any, Any, dict[tuple[str, int], Any]]:
    """The rows of an execution, of one of its steps, and of those whose outputs came into that.

    Raises NotFound.
    """
    values = {"workspace_id": workspace_id, "id": execution_id}
    row = connection.execute(READ, values).one_or_none()
    found = None if row is None else _some(connection, values, [key]).get(key)
    if found is None:
        raise NotFound("There is no such execution, or the node did not run in it.")
    before = [(node_id, run) for node_id, run, *_ports in jsontext.loads(found.sources)]
    return row, found, _some(connection, values, before)


def _some(
    connection: Connection, values: dict[str, str], keys: Sequence[tuple[str, int]]
) -> dict[tuple[str, int], Any]:
    given = {**values, "nodes": [key[0] for key in keys], "runs": [key[1] for key in keys]}
    rows = connection.execute(READ_SOME, given) if keys else ()
    found = {(row.node_id, row.run_index): row for row in rows}
    return {key: found[key] for key in keys if key in found}


def read_progress(
    connection: Connection, workspace_id: str, execution_id: str
) -> tuple[Any, list[Any]]:
    """The same without what came in and went out, for those who follow; raises NotFound."""
    values = {"workspace_id": workspace_id, "id": execution_id}
    row = connection.execute(READ_STATE, values).one_or_none()
    if row is None:
        raise NotFound
    return row, list(connection.execute(READ_PROGRESS, values))


def summary(row: Any) -> dict[str, Json]:
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
        "wakes_at": rfc3339(row.due_at) if row.status == "waiting" else None,
        "held_for": row.held_for if row.status == "queued" else None,
    }


def described(row: Any, origin: Any) -> dict[str, Json]:
    """The same, with what it is one of: ``workflow_name`` and ``version_number`` of ``origin``."""
    number = origin.version_number
    ended = row.finished_at is not None and row.started_at is not None
    return {
        **summary(row),
        "workflow_name": origin.workflow_name,
        "version": number if number is not None and number > 0 else None,
        "source": "draft" if number is not None and number < 0 else "version",
        "scope": None if row.scope is None else jsontext.loads(row.scope),
        "duration_ms": round((row.finished_at - row.started_at) * 1e3, 1) if ended else None,
    }


async def detail(payloads: PayloadStore, row: Any, steps: Sequence[Any]) -> dict[str, Json]:
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
Outputs = dict[tuple[str, int], Ports]


async def outputs_of(payloads: PayloadStore, steps: Sequence[Any]) -> Outputs:
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


def counted(step: Any) -> dict[str, Json]:
    """How many items came into a step and went out, by port; null where nobody counted."""
    counts = {} if step.counts is None else jsontext.loads(step.counts)
    return {"input_counts": counts.get("input"), "output_counts": counts.get("output")}


def _step(
    step: Any, outputs: dict[tuple[str, int], dict[str, list[Json]]], event: list[Json]
) -> dict[str, Json]:
    return {
        **progress(step),
        "input": _input(step, outputs, event),
        "output": outputs.get((step.node_id, step.run_index)),
    }


def progress(step: Any) -> dict[str, Json]:
    """A step without its data."""
    return {
        "node_id": step.node_id,
        "run_index": step.run_index,
        "status": step.status,
        "attempt": step.attempt,
        "started_at": rfc3339(step.started_at),
        "finished_at": rfc3339(step.finished_at),
        "error": None if step.error is None else jsontext.loads(step.error),
        "logs": [] if step.logs is None else jsontext.loads(step.logs),
        **_items_failed(step),
    }


def _items_failed(step: Any) -> dict[str, Json]:
    """How many items failed, and the first of them: at which attempt, and why."""
    noted = {} if step.item_errors is None else jsontext.loads(step.item_errors)
    return {"items_failed": noted.get("failed", 0), "item_errors": noted.get("errors", [])}


def _input(
    step: Any, outputs: dict[tuple[str, int], dict[str, list[Json]]], event: list[Json]
) -> dict[str, list[Json]]:
    """What came in is what others gave: it is not stored twice."""
    sources = jsontext.loads(step.sources)
    if not sources:
        return {"main": event}
    arrived: dict[str, list[Json]] = {}
    for node_id, run, port, to_port in sources:
        given = outputs.get((node_id, run), {}).get(port, [])
        arrived.setdefault(to_port, []).extend(given)
    return arrived


async def off_loop(database: Any, function: Any, *arguments: Any) -> Any:
    """Call ``function(connection, …)`` on a reading connection in a thread."""

    def call() -> Any:
        with database.reading() as connection:
            return function(connection, *arguments)

    return await DATABASE.run(call)
