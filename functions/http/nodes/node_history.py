"""What nodes remember between runs of their workflow: look, and clear."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field

from functions.http.access import parts_of, require
from functions.http.endpoint import group
from functions.http.shapes import Listing, Moment, Out, PathId
from functions.http.workflows.workflows import record_workflow
from layers.clock import rfc3339
from layers.database.repositories.node_histories import NodeHistories
from layers.database.repositories.workflows import Workflows
from layers.engine.core.definition import NAME_PATTERN
from layers.identity import Caller, Permission
from layers.jsontext import loads

router = group("workflows", "/workflows")


class HistoryOut(Out):
    """What one node remembers."""

    node_id: str
    entries: int = Field(description="How many items it has seen and remembers.")
    last: Any = Field(description="The last value, of a node that compares with that.")
    oldest_at: Moment = Field(description="When the oldest of them was seen last.")
    latest_at: Moment = Field(description="When something was seen last.")


@router.get("/{workflow_id}/history")
def read_node_history(
    workflow_id: PathId,
    request: Request,
    caller: Annotated[Caller, require(Permission.WORKFLOW_READ)],
) -> Listing[HistoryOut]:
    """List the nodes of a workflow that remember something of earlier runs."""
    with parts_of(request).database.read() as session:
        Workflows(session, caller.workspace_id).get(workflow_id)
        rows = NodeHistories(session, caller.workspace_id).of(workflow_id)
    return Listing(
        items=[
            HistoryOut(
                node_id=row.node_id,
                entries=int(row.entries),
                last=None if row.last is None else loads(row.last),
                oldest_at=rfc3339(row.oldest_at) or "",
                latest_at=rfc3339(row.latest_at) or "",
            )
            for row in rows
        ],
        next_cursor=None,
    )


@router.delete("/{workflow_id}/history", status_code=204)
def clear_node_history(
    workflow_id: PathId,
    request: Request,
    caller: Annotated[Caller, require(Permission.WORKFLOW_WRITE)],
    node_id: Annotated[
        str | None, Query(pattern=NAME_PATTERN, description="The node; without it, all of them.")
    ] = None,
) -> None:
    """Have a workflow's nodes forget what they saw in earlier runs."""
    with parts_of(request).database.write() as session:
        workflow = Workflows(session, caller.workspace_id).lock(workflow_id)
        NodeHistories(session, caller.workspace_id).forget(workflow_id, node_id)
        record_workflow(session, caller, "workflow.history_cleared", workflow)
