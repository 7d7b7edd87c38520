"""What is known of a node from the last time that it ran: for whoever edits the workflow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Request
from pydantic import Field
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from functions.http.access import parts_of, require
from functions.http.endpoint import group
from functions.http.executions.execution_data import FIRST, NodeId, PreviewOut, preview
from functions.http.shapes import Identifier, Moment, Out, PathId
from functions.http.workflows.drafts import document_of
from functions.parts import Parts
from layers.catalogue import Missing
from layers.clock import rfc3339
from layers.database.repositories.executions import Executions
from layers.database.repositories.workflows import Workflows
from layers.engine import extracts, history
from layers.engine.extracts import Extract
from layers.engine.history import Key
from layers.engine.recorded import RecordedExecution
from layers.engine.rows import StepRow
from layers.identity import Caller, Permission

router = group("node data", "/workflows")


class NodeDataOut(Out):
    """The first items of each port; nothing where the node never ran."""

    execution_id: Identifier | None
    run_index: int
    finished_at: Moment | None
    input: dict[str, PreviewOut]
    output: dict[str, PreviewOut]
    pinned: bool = Field(description="Whether `output` is what the draft has pinned.")


Ran = tuple[RecordedExecution, StepRow, dict[Key, StepRow]]
"""An execution in which a node ran, its step, and those that gave what came into it."""


@router.get("/{workflow_id}/node-data/{node_id}")
async def read_node_data(
    workflow_id: PathId,
    node_id: NodeId,
    request: Request,
    caller: Annotated[Caller, require(Permission.EXECUTION_READ)],
) -> NodeDataOut:
    """Read what came into a node and went out of it when it ran last, whatever started it.

    What is pinned at the node in the draft takes the place of what went out.
    """
    parts = parts_of(request)
    found, pinned = await history.off_loop(parts.database, _newest, caller, workflow_id, node_id)
    known = NodeDataOut(
        execution_id=None, run_index=0, finished_at=None, input={}, output={}, pinned=False
    )
    if found is not None:
        known = await _known(parts, *found)
    if pinned is None:
        return known
    output = preview(
        {
            _first_port(parts, caller.workspace_id, pinned): Extract(
                len(pinned["pinned"]), pinned["pinned"]
            )
        }
    )
    return known.model_copy(update={"output": output, "pinned": True})


async def _known(
    parts: Parts, row: RecordedExecution, step: StepRow, before: Mapping[Key, StepRow]
) -> NodeDataOut:
    payloads = parts.engine.payloads
    return NodeDataOut(
        execution_id=row.id,
        run_index=step.run_index,
        finished_at=rfc3339(step.finished_at),
        input=preview(await extracts.came(payloads, row, step, before, FIRST)),
        output=preview(await extracts.given(payloads, step, FIRST) or {}),
        pinned=False,
    )


def _newest(
    connection: Connection, caller: Caller, workflow_id: str, node_id: str
) -> tuple[Ran | None, dict[str, Any] | None]:
    session = Session(connection)
    workflow = Workflows(session, caller.workspace_id).get(workflow_id)
    document, _draft = document_of(session, workflow)
    pinned = next((node for node in document["nodes"] if _pins(node, node_id)), None)
    newest = Executions(session, caller.workspace_id).newest_of_node(workflow_id, node_id)
    if newest is None:
        return None, pinned
    key = (node_id, newest[1])
    return history.read_step(connection, caller.workspace_id, newest[0], key), pinned


def _pins(node: dict[str, Any], node_id: str) -> bool:
    pinned = node.get("pinned")
    # A draft may hold anything here: what is no list of items pins nothing.
    is_list = isinstance(pinned, list) and all(isinstance(item, dict) for item in pinned)
    return node["id"] == node_id and is_list


def _first_port(parts: Parts, workspace_id: str, node: dict[str, Any]) -> str:
    """Where what is pinned comes out; of nodes whose ports depend on their parameters: `main`."""
    found = parts.catalogue.resolve(workspace_id, node["type"])
    ports = ("main",) if isinstance(found, Missing) else found.spec.outputs
    return ports[0] if ports and isinstance(ports[0], str) else "main"
