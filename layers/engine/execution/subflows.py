"""Workflows that start other workflows: by calling them, or by failing."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass

from layers.clock import rfc3339
from layers.contract import Item, NodeError, Outcome, StartedBy
from layers.contract.item import stands_for_none
from layers.contract.suspension import CallWorkflow
from layers.engine.accept import Incoming
from layers.engine.core.plan import Plan
from layers.engine.core.state import Finish
from layers.engine.item_codec import encode_items
from layers.engine.ports import RunPorts
from layers.engine.rows import ExecutionRow
from layers.engine.step.context import StepContext
from layers.ids import new_id


@dataclass(frozen=True, slots=True)
class Subflow:
    """A workflow that a step calls; ``is_awaited``: the step waits until it has ended."""

    start: Incoming
    is_awaited: bool


async def subflow(
    ports: RunPorts, row: ExecutionRow, context: StepContext, call: CallWorkflow
) -> Subflow:
    """What starts a called workflow; raises NodeError where it cannot be called."""
    if row.depth + 1 > ports.limits.call_depth:
        raise NodeError(
            f"Workflows call each other more than {ports.limits.call_depth} levels deep.",
            kind="recursion_limit",
        )
    version_id = await ports.plans.version_of(row.workspace_id, call.workflow_id)
    if version_id is None:
        raise NodeError(
            f"There is no workflow {call.workflow_id!r} in this workspace.",
            kind="invalid_parameters",
        )
    # Where none came and that is to go on, the workflow that is called runs as well.
    items = context.came if stands_for_none(context.came) else call.items
    start = Incoming(
        workspace_id=row.workspace_id,
        workflow_id=call.workflow_id,
        version_id=version_id,
        source=f"execution:{row.id}",
        dedup_key=context.idempotency_key,
        payload=encode_items(items),
        items=items,
        now=ports.clock.now(),
        execution_id=new_id(),
        manual=row.manual,
        parent_id=row.id if call.wait else None,
        parent_step=f"{context.node_id}:{context.activation.run}",
        depth=row.depth + 1,
        counts=False,
    )
    return Subflow(start, call.wait)


async def completed(
    ports: RunPorts, row: ExecutionRow, context: StepContext, outcome: Awaitable[Outcome]
) -> Outcome | Subflow:
    """Wait for a step's outcome; where that calls a workflow, find what is to be started."""
    given = await outcome
    return await subflow(ports, row, context, given) if isinstance(given, CallWorkflow) else given


async def error_workflow(
    ports: RunPorts, row: ExecutionRow, plan: Plan, finish: Finish
) -> Incoming | None:
    """What starts the error workflow of a failed execution, if it has one."""
    workflow_id = plan.definition.settings.error_workflow_id
    if workflow_id is None or finish.error is None or row.depth >= ports.limits.call_depth:
        return None
    trigger = plan.nodes[plan.index_of[row.trigger_node_id]] if row.trigger_node_id else None
    if trigger is not None and trigger.is_started_by(StartedBy.FAILURE):
        # An error workflow that fails does not call another: that way lies an endless loop.
        return None
    version_id = await ports.plans.version_of(row.workspace_id, workflow_id)
    if version_id is None:
        ports.log.warning("error workflow %s does not exist", workflow_id)
        return None
    triggers = (await ports.plans.of(version_id)).triggers()
    starts = [node for node in triggers if node.is_started_by(StartedBy.FAILURE)]
    if not starts:
        ports.log.warning("error workflow %s has no error_trigger", workflow_id)
        return None
    items = [_error_item(ports.clock.now(), row, plan, finish)]
    return Incoming(
        workspace_id=row.workspace_id,
        workflow_id=workflow_id,
        version_id=version_id,
        source=f"execution:{row.id}",
        dedup_key="error",
        payload=encode_items(items),
        items=items,
        now=ports.clock.now(),
        trigger_node_id=starts[0].id,
        execution_id=new_id(),
        depth=row.depth + 1,
        counts=False,
    )


def _error_item(now: float, row: ExecutionRow, plan: Plan, finish: Finish) -> Item:
    assert finish.error is not None
    return Item(
        {
            "workflow": {"id": row.workflow_id, "name": plan.definition.name},
            "execution": {
                "id": row.id,
                "started_at": rfc3339(row.started_at),
                "finished_at": rfc3339(now),
            },
            "error": {
                "node_id": None if finish.node is None else plan.nodes[finish.node].id,
                "kind": finish.error.kind,
                "message": finish.error.message,
            },
        }
    )
