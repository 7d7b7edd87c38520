"""Writing the rows of steps, and with them the end of their execution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, text

from layers.database.columns import as_columns, kinds_of, unnested
from layers.database.models import Base
from layers.engine.rows import HeldRow

COLUMNS = (
    *("workspace_id", "execution_id", "node_id", "run_index", "status", "attempt", "position"),
    *("sources", "output", "artifact", "error", "due_at", "detail", "started_at"),
    *("finished_at", "counts", "item_errors", "origin", "lineage"),
)
_KINDS = kinds_of(Base.metadata.tables["steps"], COLUMNS)
_PREFIX = "step_"
_INTO = f"INSERT INTO steps ({', '.join(COLUMNS)})"
_KEPT = (
    " ON CONFLICT (execution_id, node_id, run_index) DO UPDATE SET"
    " status = excluded.status, attempt = excluded.attempt, position = excluded.position,"
    " output = excluded.output, artifact = excluded.artifact, error = excluded.error,"
    " due_at = excluded.due_at, detail = excluded.detail,"
    " finished_at = excluded.finished_at, counts = excluded.counts,"
    " item_errors = excluded.item_errors, lineage = excluded.lineage"
    " WHERE steps.status NOT IN ('succeeded','failed','cancelled')"
)
_FINISH = (
    "UPDATE executions SET status = :status, due_at = NULL, lease_owner = NULL,"
    " error = :error, output = :output, response = coalesce(:response, response),"
    " finished_at = :now, active_s = active_s + :active_s"
    " WHERE id = :id AND epoch = :epoch"
)
PUT_STEP = text(
    f"{_INTO} VALUES ({', '.join(f':{name}' for name in COLUMNS)}){_KEPT}"
).execution_options(deferred=True)
PUT_STEPS = text(
    f"{_INTO} SELECT * FROM {unnested(_KINDS, _PREFIX)} WHERE true{_KEPT}"  # noqa: S608 - our names
).execution_options(deferred=True)
FINISH = text(_FINISH).execution_options(deferred=True)
# The execution is held and judged by its own end; nothing is written of what is not the owner's.
PUT_STEPS_AND_FINISH = text(
    f"WITH held AS ({_FINISH} AND status = 'running'"  # noqa: S608 - our names
    " RETURNING id, workspace_id, epoch, cancel_requested_at, parent_id, followed),"
    f" written AS ({_INTO} SELECT * FROM {unnested(_KINDS, _PREFIX)}"
    f" WHERE EXISTS (SELECT 1 FROM held){_KEPT})"
    " SELECT id, workspace_id, epoch, 'running' AS status, cancel_requested_at, parent_id,"
    " followed FROM held"
)


def put_steps(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the rows of steps in their order; final ones are not changed any more."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        connection.execute(PUT_STEP, rows)
    elif are_distinct(rows):
        connection.execute(PUT_STEPS, as_columns(_KINDS, rows, _PREFIX))
    else:
        for row in rows:
            connection.execute(PUT_STEP, row)


def put_steps_and_finish(
    connection: Connection, rows: Sequence[Mapping[str, Any]], finish: Mapping[str, Any]
) -> HeldRow | None:
    """Write an execution's last steps and its end by one statement (PostgreSQL).

    ``finish`` holds the values of ``FINISH``. Returns it as it was held; None, with nothing
    written, where it is not its owner's any more.
    """
    values = {**as_columns(_KINDS, rows, _PREFIX), **finish}
    row = connection.execute(PUT_STEPS_AND_FINISH, values).mappings().one_or_none()
    return None if row is None else HeldRow.from_mapping(row)


def are_distinct(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether no step is written twice, which one statement cannot do."""
    return len({(row["execution_id"], row["node_id"], row["run_index"]) for row in rows}) == len(
        rows
    )
