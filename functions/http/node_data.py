"""What is known of a node from the last time that it ran: for whoever edits the workflow."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Request
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from functions.http.access import parts_of, require
from functions.http.endpoint import group
from functions.http.execution_data import NodeId, PreviewOut, ports_of, preview
from functions.http.shapes import Identifier, Moment, Out, PathId
from layers.clock import rfc3339
from layers.database.repositories.executions import Executions
from layers.database.repositories.workflows import Workflows
from layers.engine import history
from layers.identity import Caller, Permission

router = group("node data", "/workflows")


class NodeDataOut(Out):
    """The first items of each port; nothing where the node never ran."""

    execution_id: Identifier | None
    run_index: int
    finished_at: Moment | None
    input: dict[str, PreviewOut]
    output: dict[str, PreviewOut]


@router.get("/{workflow_id}/node-data/{node_id}")
async def read_node_data(
    workflow_id: PathId,
    node_id: NodeId,
    request: Request,
    caller: Annotated[Caller, require(Permission.EXECUTION_READ)],
) -> NodeDataOut:
    """Read what came into a node and went out of it when it ran last, whatever started it."""
    parts = parts_of(request)
    found = await history.off_loop(parts.database, _newest, caller, workflow_id, node_id)
    if found is None:
        return NodeDataOut(execution_id=None, run_index=0, finished_at=None, input={}, output={})
    row, steps, step = found
    given = preview(await ports_of(parts, row, steps, step, "output"))
    came = preview(await ports_of(parts, row, steps, step, "input"))
    return NodeDataOut(
        execution_id=row.id,
        run_index=step.run_index,
        finished_at=rfc3339(step.finished_at),
        input=came or {},
        output=given or {},
    )


def _newest(connection: Connection, caller: Caller, workflow_id: str, node_id: str) -> Any:
    session = Session(connection)
    Workflows(session, caller.workspace_id).get(workflow_id)
    newest = Executions(session, caller.workspace_id).newest_of_node(workflow_id, node_id)
    if newest is None:
        return None
    row, steps = history.read(connection, caller.workspace_id, newest[0])
    key = (node_id, newest[1])
    return row, steps, next(one for one in steps if (one.node_id, one.run_index) == key)
