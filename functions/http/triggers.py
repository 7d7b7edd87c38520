"""Triggers: how each of them is doing."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field

from functions.http.access import parts_of, require
from functions.http.endpoint import group
from functions.http.shapes import (
    Identifier,
    Listing,
    Moment,
    Out,
    Wanted,
    moment,
    next_cursor,
)
from layers.database.models import Trigger, TriggerState
from layers.database.repositories.triggers import Triggers
from layers.database.repositories.workflows import Workflows
from layers.identity import Caller, Permission
from layers.jsontext import loads

router = group("triggers", "/triggers")


class WebhookOut(Out):
    """Where a webhook listens."""

    method: str
    url: str


class TriggerOut(Out):
    """A trigger of a workflow that is or was active."""

    id: Identifier
    workflow_id: Identifier
    workflow_name: str
    node_id: str
    node_name: str
    type: str
    state: TriggerState
    last_event_at: Moment | None
    last_check_at: Moment | None
    next_check_at: Moment | None
    lag_s: float | None = Field(description="By how much its next check is late.")
    failures: int = Field(description="How many checks in a row have failed.")
    error: str | None = Field(description="Why its last check failed, with the remedy.")
    params: dict[str, Any]
    webhook: WebhookOut | None


@router.get("")
def list_triggers(
    request: Request,
    caller: Annotated[Caller, require(Permission.WORKFLOW_READ)],
    wanted: Wanted,
    workflow_id: Annotated[str | None, Query(max_length=100)] = None,
    state: Annotated[TriggerState | None, Query()] = None,
) -> Listing[TriggerOut]:
    """List the triggers of all workflows that are or were active."""
    parts = parts_of(request)
    with parts.database.read() as session:
        triggers = Triggers(session, caller.workspace_id)
        page = triggers.page(wanted, triggers.matching(workflow_id, state))
        workflows = Workflows(session, caller.workspace_id)
        names = workflows.names(row.workflow_id for row in page.rows)
        nodes = {
            (version_id, node["id"]): node
            for version_id, text in triggers.definitions(page.rows).items()
            for node in loads(text)["nodes"]
        }
    now = parts.clock.now()
    hooks = f"{parts.settings.server.public_url}/hooks"
    return Listing(
        items=[
            _described(row, names, nodes.get((row.version_id, row.node_id), {}), hooks, now)
            for row in page.rows
        ],
        next_cursor=next_cursor([row.id for row in page.rows], page.more),
    )


def _described(
    row: Trigger, names: dict[str, str], node: dict[str, Any], hooks: str, now: float
) -> TriggerOut:
    due = row.due_at if row.state != TriggerState.STOPPED else None
    return TriggerOut(
        id=row.id,
        workflow_id=row.workflow_id,
        workflow_name=names.get(row.workflow_id, ""),
        node_id=row.node_id,
        node_name=node.get("name") or row.node_id,
        type=row.type,
        state=TriggerState(row.state),
        last_event_at=_moment(row.last_event_at),
        last_check_at=_moment(row.last_check_at),
        next_check_at=_moment(due),
        lag_s=None if due is None else max(0.0, round(now - due, 3)),
        failures=row.failures,
        error=row.error,
        params=node.get("params", {}),
        webhook=_webhook(row, hooks),
    )


def _webhook(row: Trigger, hooks: str) -> WebhookOut | None:
    if row.route is None:
        return None
    method, _space, path = row.route.partition(" ")
    return WebhookOut(method=method, url=f"{hooks}/{path}")


def _moment(value: float | None) -> str | None:
    return None if value is None else moment(value)
