"""Publishing a workflow: its triggers begin to listen, or stop."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from layers.contract import Source, StartedBy
from layers.database.changes import Kind, note_lists
from layers.database.models import Trigger as TriggerRow
from layers.database.models import TriggerState, Workflow
from layers.engine import acquisitions
from layers.engine.core.plan import Plan
from layers.engine.core.plan_node import PlanNode
from layers.engine.hook_addresses import claim, release, take_turn
from layers.engine.hook_paths import group_of, route_of
from layers.errors import Conflict, FieldError, InvalidInput
from layers.ids import new_id


def activate(session: Session, workflow: Workflow, plan: Plan, now: float) -> None:
    """Make the latest version the active one and register its triggers; cursors are kept.

    ``plan`` is that version's, compiled before: whoever writes waits for this. Raises
    InvalidInput when it has no trigger to register, Conflict when another workflow listens at
    the same webhook address, or its path belongs to another workspace.
    """
    triggers = [node for node in plan.triggers() if not node.is_started_by(StartedBy.PERSON)]
    if not triggers:
        raise InvalidInput(
            "The workflow has no trigger that could start it.",
            errors=[
                FieldError("/nodes", "Add an enabled trigger, such as a webhook or a schedule.")
            ],
        )
    paths = [path for node in triggers if (path := _path(node)) is not None]
    take_turn(session)
    known = {row.node_id: row for row in _rows(session, workflow.id)}
    version_id = workflow.latest_version_id
    former = [row.route for row in known.values() if row.route is not None]
    for node_id, row in known.items():
        if node_id not in {node.id for node in triggers}:
            _stop(session, row, now)
    # Addresses that this version gives up must be free before another node takes them.
    session.flush()
    workflow.active = True
    workflow.active_version_id = version_id
    try:
        for node in triggers:
            row = _row(session, workflow, node, known.get(node.id), now)
            _register(session, row, node, plan, now)
        session.flush()
    except IntegrityError as error:
        raise Conflict(
            "Another active workflow of this instance listens at the same webhook path and "
            "method; change the path of one of them."
        ) from error
    claim(session, workflow.workspace_id, paths, now)
    release(session, workflow.workspace_id, former, now)
    note_lists(session.connection(), Kind.TRIGGERS, [workflow.workspace_id])


def deactivate(session: Session, workflow: Workflow, now: float) -> None:
    """Stop a workflow's triggers; running executions go on."""
    take_turn(session)
    rows = _rows(session, workflow.id)
    routes = [row.route for row in rows if row.route is not None]
    for row in rows:
        _stop(session, row, now)
    session.flush()
    release(session, workflow.workspace_id, routes, now)
    note_lists(session.connection(), Kind.TRIGGERS, [workflow.workspace_id])


def _path(node: PlanNode) -> str | None:
    """The path that a trigger's node listens at; None where it is no webhook."""
    is_webhook = node.trigger_spec.source is Source.WEBHOOK
    return str(node.params.path).strip("/") if is_webhook else None


def _rows(session: Session, workflow_id: str) -> list[TriggerRow]:
    return list(session.scalars(select(TriggerRow).where(TriggerRow.workflow_id == workflow_id)))


def _stop(session: Session, row: TriggerRow, now: float) -> None:
    row.state = TriggerState.STOPPED
    row.route = None
    row.route_group = None
    row.acquired = None
    row.due_at = None
    row.listen_due_at = None
    _take_away(row)
    acquisitions.give_up(session, row.id, now)


def _take_away(row: TriggerRow) -> None:
    """Whoever polls or listens just now does so for a version that is no longer active."""
    row.lease_owner = None
    row.listen_owner = None
    # Counted by the database: a claim may have counted further since the row was read.
    row.epoch = TriggerRow.epoch + 1
    row.listen_epoch = TriggerRow.listen_epoch + 1


def _row(
    session: Session, workflow: Workflow, node: PlanNode, row: TriggerRow | None, now: float
) -> TriggerRow:
    """The row of a trigger, which a new one gets, and one whose type has changed."""
    if row is not None and row.type == node.definition.type:
        _take_away(row)
        row.version_id = workflow.latest_version_id
        return row
    if row is not None:
        acquisitions.give_up(session, row.id, now)
        session.delete(row)
        session.flush()
    row = TriggerRow(
        id=new_id(),
        workspace_id=workflow.workspace_id,
        workflow_id=workflow.id,
        node_id=node.id,
        version_id=workflow.latest_version_id,
        type=node.definition.type,
        state=TriggerState.LISTENING,
        created_at=workflow.updated_at,
    )
    session.add(row)
    return row


def _register(session: Session, row: TriggerRow, node: PlanNode, plan: Plan, now: float) -> None:
    runner = node.trigger_runner
    params = node.params
    row.error = row.listen_error = None
    row.failures = row.listen_failures = 0
    path = _path(node)
    row.route = None if path is None else route_of(params.method, path)
    row.route_group = None if path is None else group_of(path)
    row.acquired = None
    is_ready = True
    if runner.acquire is None:
        acquisitions.give_up(session, row.id, now)
    else:
        row.acquired = acquisitions.want(session, row, node, plan, now).acquired
        is_ready = row.acquired is not None
    row.state = TriggerState.LISTENING if is_ready else TriggerState.CATCHING_UP
    # Due at once: the first poll takes a position.
    row.due_at = 0.0 if is_ready and node.trigger_spec.source is Source.POLL else None
    row.listen_due_at = 0.0 if is_ready and runner.listen is not None else None
