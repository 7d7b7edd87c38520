"""Workflows that start other workflows: by calling them, or by failing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from layers.clock import rfc3339
from layers.contract import Item
from layers.contract.item import stands_for_none
from layers.contract.suspension import CallWorkflow
from layers.engine.accept import Incoming
from layers.engine.core.plan import Plan
from layers.engine.core.state import Finish, StepError
from layers.engine.item_codec import encode_items
from layers.engine.step.context import StepContext
from layers.ids import new_id

if TYPE_CHECKING:
    from layers.engine.process import Engine

FIND_WORKFLOW = text(
    "SELECT coalesce(active_version_id, latest_version_id) AS version_id"
    " FROM workflows WHERE workspace_id = :workspace_id AND id = :id AND deleted_at IS NULL"
)


def called(
    engine: Engine, row: Any, context: StepContext, call: CallWorkflow
) -> Incoming | StepError:
    """What starts a called workflow, or why it cannot be called."""
    if row.depth + 1 > engine.limits.call_depth:
        return StepError(
            f"Workflows call each other more than {engine.limits.call_depth} levels deep.",
            "recursion_limit",
        )
    version_id = _version(engine, row.workspace_id, call.workflow_id)
    if version_id is None:
        return StepError(
            f"There is no workflow {call.workflow_id!r} in this workspace.", "invalid_parameters"
        )
    return Incoming(
        workspace_id=row.workspace_id,
        workflow_id=call.workflow_id,
        version_id=version_id,
        source=f"execution:{row.id}",
        dedup_key=context.idempotency_key,
        # Where none came and that is to go on, the workflow that is called runs as well.
        payload=encode_items(context.came if stands_for_none(context.came) else call.items),
        now=engine.clock.now(),
        execution_id=new_id(),
        manual=row.manual,
        parent_id=row.id if call.wait else None,
        parent_step=f"{context.node_id}:{context.activation.run}",
        depth=row.depth + 1,
        counts=False,
    )


def error_workflow(engine: Engine, row: Any, plan: Plan, finish: Finish) -> list[Incoming]:
    """What starts the error workflow of a failed execution, if it has one."""
    workflow_id = plan.definition.settings.error_workflow_id
    if workflow_id is None or finish.error is None or row.depth >= engine.limits.call_depth:
        return []
    trigger = plan.nodes[plan.index_of[row.trigger_node_id]] if row.trigger_node_id else None
    if trigger is not None and trigger.definition.type == "error_trigger":
        # An error workflow that fails does not call another: that way lies an endless loop.
        return []
    version_id = _version(engine, row.workspace_id, workflow_id)
    if version_id is None:
        engine.log.warning("error workflow %s does not exist", workflow_id)
        return []
    starts = [
        node
        for node in engine.plan_now(version_id).triggers()
        if node.definition.type == "error_trigger"
    ]
    if not starts:
        engine.log.warning("error workflow %s has no error_trigger", workflow_id)
        return []
    return [
        Incoming(
            workspace_id=row.workspace_id,
            workflow_id=workflow_id,
            version_id=version_id,
            source=f"execution:{row.id}",
            dedup_key="error",
            payload=encode_items([_error_item(engine, row, plan, finish)]),
            now=engine.clock.now(),
            trigger_node_id=starts[0].id,
            execution_id=new_id(),
            depth=row.depth + 1,
            counts=False,
        )
    ]


def _error_item(engine: Engine, row: Any, plan: Plan, finish: Finish) -> Item:
    assert finish.error is not None
    return Item(
        {
            "workflow": {"id": row.workflow_id, "name": plan.definition.name},
            "execution": {
                "id": row.id,
                "started_at": rfc3339(row.started_at),
                "finished_at": rfc3339(engine.clock.now()),
            },
            "error": {
                "node_id": None if finish.node is None else plan.nodes[finish.node].id,
                "kind": finish.error.kind,
                "message": finish.error.message,
            },
        }
    )


def _version(engine: Engine, workspace_id: str, workflow_id: str) -> str | None:
    with engine.database.reading() as connection:
        found = connection.execute(FIND_WORKFLOW, {"workspace_id": workspace_id, "id": workflow_id})
        version_id: str | None = found.scalar_one_or_none()
        return version_id
