"""What a person decides about an execution: cancel, retry, or what to do after a crash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, text

from layers import jsontext
from layers.contract import Json
from layers.engine.accept import Incoming, accept
from layers.engine.artifact_refs import MARK, copy_refs, put_refs, refs_of, step_owner
from layers.engine.core.definition import OnError
from layers.engine.core.plan import Plan
from layers.engine.journal import STEP_TEXTS
from layers.engine.metering import Meter
from layers.engine.parts import copy_parts
from layers.engine.recorded import RecordedExecution
from layers.engine.rows import HeldRow, StepRow
from layers.engine.statuses import FINAL, ExecutionStatus, StepStatus
from layers.engine.step_logs import COPY_LOGS
from layers.engine.step_writes import COLUMNS, put_steps
from layers.engine.wake import lock, note_listed, requeue, wake
from layers.errors import Conflict, FieldError, InvalidInput, NotFound

DESCENDANTS = text(
    "WITH RECURSIVE family(id) AS ("
    " SELECT id FROM executions WHERE id IN :ids"
    " UNION ALL SELECT x.id FROM executions x JOIN family f ON x.parent_id = f.id)"
    " SELECT x.id, x.parent_id FROM executions x JOIN family f ON f.id = x.id"
    " WHERE x.status IN ('queued','running','waiting','interrupted')"
).bindparams(bindparam("ids", expanding=True))
CANCEL_RESTING = text(
    "UPDATE executions SET status = 'cancelled', due_at = NULL, finished_at = :now,"
    " cancel_requested_at = :now WHERE id IN :ids"
).bindparams(bindparam("ids", expanding=True))
CANCEL_STEPS = text(
    "UPDATE steps SET status = 'cancelled', finished_at = :now WHERE execution_id IN :ids"
    " AND status IN ('running','waiting','retrying','interrupted')"
).bindparams(bindparam("ids", expanding=True))
REQUEST = text(
    "UPDATE executions SET cancel_requested_at = coalesce(cancel_requested_at, :now)"
    " WHERE id IN :ids"
).bindparams(bindparam("ids", expanding=True))
RESTING = frozenset({ExecutionStatus.QUEUED, ExecutionStatus.WAITING, ExecutionStatus.INTERRUPTED})
"""Nobody runs it just now."""
UNSUCCESSFUL = frozenset({StepStatus.FAILED, StepStatus.CANCELLED})
READ_STEPS = text("SELECT * FROM steps WHERE execution_id = :id")
DECIDE = text(
    "UPDATE steps SET detail = :detail WHERE execution_id = :id AND node_id = :node_id"
    " AND run_index = :run_index AND status = 'interrupted'"
)
REOPEN_STEP = text(
    "INSERT INTO steps (workspace_id, execution_id, node_id, run_index, status, attempt,"
    " position, sources, due_at, started_at, counts, origin)"
    " SELECT workspace_id, :new_id, node_id, run_index, 'retrying', 0, NULL, sources, :now, :now,"
    " counts, coalesce(origin, execution_id) FROM steps"
    " WHERE execution_id = :id AND node_id = :node_id AND run_index = :run_index"
)


def cancel_now(connection: Connection, ids: Sequence[str], now: float) -> list[str]:
    """Cancel executions and what they called; returns those that run and have to be told.

    Those that rest are final at once; an owner of a running one learns of it when it writes or
    renews its lease.
    """
    held = _hold_family(connection, ids)
    resting = {row.id: row for row in held if row.status in RESTING}
    if resting:
        values = {"ids": list(resting), "now": now}
        connection.execute(CANCEL_RESTING, values)
        connection.execute(CANCEL_STEPS, values)
        note_listed(connection, resting.values())
        parents = {row.parent_id for row in resting.values() if row.parent_id is not None}
        wake(connection, parents - resting.keys(), now)
    running = [row.id for row in held if row.status is ExecutionStatus.RUNNING]
    if running:
        connection.execute(REQUEST, {"ids": running, "now": now})
    return running


def _hold_family(connection: Connection, ids: Sequence[str]) -> list[HeldRow]:
    """Lock executions that are not over, and all that they called; returns them as they are then.

    Their parents are locked along, since they may have to be woken. What one of them called until
    it was locked is found by looking again; after that it can call nothing.
    """
    if not ids:
        return []
    known: set[str] = set()
    held: Mapping[str, HeldRow] = {}
    while True:
        found = connection.execute(DESCENDANTS, {"ids": list(ids)}).all()
        family = {row.id for row in found}
        if family <= known:
            return [row for name, row in held.items() if name in known]
        known |= family
        parents = {row.parent_id for row in found if row.parent_id is not None}
        held = lock(connection, known | parents)


@dataclass(frozen=True)
class Retry:
    """How to begin again: at a node (None: where it failed), and in which version.

    ``again`` are nodes that are to run in any case. ``payload`` or ``artifact`` take the place of
    what the trigger gave: then nothing is reused. ``by_hand`` is a person's trial, whatever
    started the first one; otherwise it counts as what that was. ``scope`` is
    the part of another version that runs, as ``Execution`` keeps it.
    """

    from_node: str | None = None
    version_id: str | None = None
    again: frozenset[str] = frozenset()
    payload: str | None = None
    artifact: str | None = None
    by_hand: bool = False
    scope: str | None = None

    @property
    def begins_anew(self) -> bool:
        """Whether it begins with other items."""
        return self.payload is not None or self.artifact is not None


def retry(
    connection: Connection,
    row: RecordedExecution,
    plan: Plan,
    options: Retry,
    now: float,
    meter: Meter,
) -> str:
    """Start a new execution that reuses the completed steps before the point of retry.

    Returns the new id. Raises LimitReached where the workspace's plan has no room for one more,
    NotFound where the execution was deleted meanwhile.
    """
    from_node = options.from_node
    if row.status not in FINAL:
        raise Conflict("Only an execution that has ended can be retried.")
    # Held, so that nobody deletes it until all is copied that it is begun again with.
    if row.id not in lock(connection, [row.id]):
        raise NotFound("This execution has been deleted.")
    found = connection.execute(READ_STEPS, {"id": row.id}).mappings()
    steps = [StepRow.from_mapping(step) for step in found]
    if from_node is not None and from_node not in plan.index_of:
        raise InvalidInput(
            errors=[FieldError("/from_node", f"The workflow has no node {from_node!r}.")]
        )
    accepted = accept(
        connection,
        [
            Incoming(
                workspace_id=row.workspace_id,
                workflow_id=row.workflow_id,
                version_id=options.version_id or row.version_id,
                source=f"retry:{row.id}",
                payload=options.payload if options.begins_anew else row.payload,
                artifact=options.artifact if options.begins_anew else row.artifact,
                now=now,
                trigger_node_id=row.trigger_node_id,
                manual=row.manual or options.by_hand,
                retry_of=row.id,
                scope=row.scope if options.version_id is None else options.scope,
                counts=not options.by_hand,
                may_wait=False,
            )
        ],
        meter,
    )[0]
    if accepted.refused is not None:
        raise accepted.refused.error()
    if not options.begins_anew:
        _reuse(connection, plan, steps, options, {"new_id": accepted.execution_id, "now": now})
    return accepted.execution_id


def _reuse(
    connection: Connection,
    plan: Plan,
    steps: Sequence[StepRow],
    options: Retry,
    values: dict[str, Any],
) -> None:
    """Copy what need not happen again: whole steps, and of others the items that succeeded."""
    reusable = _reusable(plan, steps, options)
    put_steps(
        connection,
        [_copied(step, position, values["new_id"]) for position, step in enumerate(reusable)],
    )
    for step in reusable:
        place = {"id": step.execution_id, "node_id": step.node_id, "run_index": step.run_index}
        if step.item_errors is not None:
            copy_parts(connection, {**values, **place})
        if step.item_errors is not None or _names_artifacts(step):
            _copy_refs(connection, step, values)
    for step in _reopened(plan, steps, reusable, options):
        place = {"id": step.execution_id, "node_id": step.node_id, "run_index": step.run_index}
        connection.execute(REOPEN_STEP, {**values, **place})
        copy_parts(connection, {**values, **place})
        _copy_refs(connection, step, values)
    if steps:
        connection.execute(COPY_LOGS, {**values, "id": steps[0].execution_id})


def _names_artifacts(step: StepRow) -> bool:
    return any(MARK in (getattr(step, name) or "") for name in STEP_TEXTS)


def _copy_refs(connection: Connection, step: StepRow, values: Mapping[str, Any]) -> None:
    owner = step_owner(step.node_id, step.run_index)
    copy_refs(connection, step.execution_id, owner, values["new_id"])


def _copied(step: StepRow, position: int, execution_id: str) -> dict[str, Any]:
    """The row of a step that a new execution begins with."""
    return {name: getattr(step, name) for name in COLUMNS} | {
        "execution_id": execution_id,
        "status": step.status.value,
        "position": position,
        "due_at": None,
        "origin": step.origin or step.execution_id,
    }


def _reopened(
    plan: Plan, steps: Sequence[StepRow], reusable: Sequence[StepRow], options: Retry
) -> list[StepRow]:
    """Steps that begin again with the items that did not succeed, under the same keys.

    They got the same items if the steps that those came from are reused.
    """
    kept = {(step.node_id, step.run_index) for step in reusable}
    return [
        step
        for step in steps
        if (step.node_id, step.run_index) not in kept
        and step.node_id in plan.index_of
        and step.node_id not in options.again
        and plan.node(step.node_id).acts_by_item
        and (step.status in UNSUCCESSFUL or step.item_errors is not None)
        and all((source[0], source[1]) in kept for source in jsontext.loads(step.sources))
    ]


def _reusable(plan: Plan, steps: Sequence[StepRow], options: Retry) -> list[StepRow]:
    """Completed steps that come before the point of retry, in their order.

    Whatever the repeated steps could have led to is repeated too; what happened before them
    is not, so that a loop that failed late goes on late.
    """
    done = sorted(
        (step for step in steps if step.position is not None and step.node_id in plan.index_of),
        key=lambda step: step.position or 0,
    )
    behind = 0
    for node_id in options.again:
        behind |= plan.graph.reachable(plan.index_of[node_id])
    kept = []
    for step in done:
        node = plan.node(step.node_id)
        failed = step.status is not StepStatus.SUCCEEDED
        handled = options.from_node is not None and node.definition.on_error is not OnError.STOP
        named = step.node_id == options.from_node or step.node_id in options.again
        if named or (failed and not handled) or behind >> node.index & 1:
            behind |= plan.graph.reachable(node.index)
        else:
            kept.append(step)
    return kept


def resolve(
    connection: Connection, execution_id: str, decision: dict[str, Json], now: float
) -> None:
    """Apply a person's decision about an interrupted step; the execution goes on.

    ``decision`` holds ``node_id``, ``run_index``, ``decision`` (retry, skip or fail) and, for
    skip, ``output``: a list of JSON objects.
    """
    # Its owner may be about to leave it interrupted, and looks for a decision when it has done so.
    held = lock(connection, [execution_id])
    changed = connection.execute(
        DECIDE,
        {
            "id": execution_id,
            "node_id": decision["node_id"],
            "run_index": decision["run_index"],
            "detail": jsontext.dumps(decision),
        },
    ).rowcount
    if not changed:
        raise Conflict("That step is not interrupted.")
    kept = {"detail": jsontext.dumps(decision)}
    owner = step_owner(str(decision["node_id"]), int(str(decision["run_index"])))
    put_refs(connection, list(refs_of(kept, execution_id, owner, ("detail",))))
    requeue(connection, [execution_id], now)
    note_listed(connection, held.values())
