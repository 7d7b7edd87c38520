"""Workflows and their versions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import Body, Header, Query, Request, Response
from pydantic import Field
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from functions.http.access import parts_of, require
from functions.http.billing.plan_checks import check_activation
from functions.http.endpoint import group, problems
from functions.http.shapes import (
    Identifier,
    Listing,
    Moment,
    Out,
    PathId,
    Wanted,
    moment,
    next_cursor,
)
from functions.http.workflows.checking import check_references, compiled
from functions.http.workflows.version_locks import lock_latest
from layers.database.models import Workflow
from layers.database.repositories.node_histories import NodeHistories
from layers.database.repositories.workflow_drafts import WorkflowDrafts
from layers.database.repositories.workflow_overview import Overview
from layers.database.repositories.workflows import Workflows, WorkflowVersions
from layers.engine.activation import activate, deactivate
from layers.engine.core.definition import (
    ConnectionDefinition,
    NodeDefinition,
    StickyNote,
    WorkflowDefinition,
    WorkflowSettings,
)
from layers.engine.core.plan import Plan
from layers.errors import Conflict, StaleVersion
from layers.identity import Caller, Permission
from layers.identity.audit import record
from layers.ids import new_id
from layers.jsontext import loads

router = group("workflows", "/workflows")

EXAMPLE: dict[str, Any] = {
    "name": "Order intake",
    "nodes": [
        {"id": "hook", "type": "webhook", "params": {"path": "orders", "respond": "last_node"}},
        {"id": "big", "type": "if", "params": {"condition": "item.body.total > 100"}},
    ],
    "connections": [{"from": "hook", "to": "big"}],
}

Document = Annotated[WorkflowDefinition, Body(examples=[EXAMPLE])]
IfMatch = Annotated[
    str | None,
    Header(
        description="The ETag that the change is based on; a stale one is refused.", max_length=200
    ),
]
STALE = problems(_412="Somebody saved a newer version.")
ACTIVATION_TRIES = 3
"""How often to begin anew when another version is saved while packages are being locked."""


class WorkflowSummary(Out):
    """A workflow without its nodes."""

    id: Identifier
    name: str
    version: int = Field(description="The version that was saved last; 0: none yet.")
    active: bool
    active_version: int | None = Field(description="The version that its triggers start.")
    created_at: Moment
    updated_at: Moment


class LastExecution(Out):
    """The newest execution of a workflow."""

    id: Identifier
    status: str
    finished_at: Moment | None


class WorkflowListed(WorkflowSummary):
    """A workflow as lists show it."""

    has_draft: bool = Field(description="Whether the draft differs from the newest version.")
    trigger_types: list[str] = Field(description="Of the triggers that start it now.")
    last_execution: LastExecution | None


class WorkflowOut(WorkflowSummary):
    """A workflow document with what the instance knows of it."""

    settings: WorkflowSettings
    nodes: list[NodeDefinition]
    connections: list[ConnectionDefinition]
    sticky_notes: list[StickyNote] = []


@router.post("", status_code=201, response_model_exclude_unset=True)
def create_workflow(
    body: Document,
    request: Request,
    response: Response,
    caller: Annotated[Caller, require(Permission.WORKFLOW_WRITE)],
) -> WorkflowOut:
    """Save a new workflow. It is checked whole; `errors` points at every mistake."""
    parts = parts_of(request)
    now = parts.clock.now()
    plan = compiled(body, request, caller)
    with parts.database.write() as session:
        check_references(plan, request, session, caller)
        workflow = new_workflow(body.name, caller, now)
        workflow.max_concurrency = body.settings.max_concurrency
        Workflows(session, caller.workspace_id).save(workflow, _text(body), caller.user_id, now)
        record_workflow(session, caller, "workflow.created", workflow)
        return whole_workflow(session, workflow, response)


@router.get("")
def list_workflows(
    request: Request,
    caller: Annotated[Caller, require(Permission.WORKFLOW_READ)],
    wanted: Wanted,
    q: Annotated[str | None, Query(max_length=200, description="A part of the name.")] = None,
    active: Annotated[bool | None, Query(description="Whether its triggers start it.")] = None,
) -> Listing[WorkflowListed]:
    """List the workspace's workflows."""
    with parts_of(request).database.read() as session:
        workflows = Workflows(session, caller.workspace_id)
        page = workflows.page(wanted, workflows.matching(q, active))
        items = listed(session, caller.workspace_id, page.rows)
    return Listing(items=items, next_cursor=next_cursor([row.id for row in page.rows], page.more))


@router.get("/{workflow_id}", response_model_exclude_unset=True)
def read_workflow(
    workflow_id: PathId,
    request: Request,
    response: Response,
    caller: Annotated[Caller, require(Permission.WORKFLOW_READ)],
) -> WorkflowOut:
    """Read a workflow; its ETag goes into If-Match when it is changed."""
    with parts_of(request).database.read() as session:
        workflow = Workflows(session, caller.workspace_id).get(workflow_id)
        return whole_workflow(session, workflow, response)


@router.put("/{workflow_id}", responses=STALE, response_model_exclude_unset=True)
def update_workflow(
    workflow_id: PathId,
    body: Document,
    request: Request,
    response: Response,
    caller: Annotated[Caller, require(Permission.WORKFLOW_WRITE)],
    if_match: IfMatch = None,
) -> WorkflowOut:
    """Save a new version. What is active goes on with its version until it is activated again."""
    parts = parts_of(request)
    plan = compiled(body, request, caller)
    with parts.database.write() as session:
        workflows = Workflows(session, caller.workspace_id)
        workflow = workflows.lock(workflow_id)
        _check_match(workflow, if_match)
        check_references(plan, request, session, caller)
        workflow.name = body.name
        workflow.max_concurrency = body.settings.max_concurrency
        workflows.save(workflow, _text(body), caller.user_id, parts.clock.now())
        record_workflow(session, caller, "workflow.updated", workflow)
        return whole_workflow(session, workflow, response)


@router.delete("/{workflow_id}", status_code=204, responses=STALE)
def delete_workflow(
    workflow_id: PathId,
    request: Request,
    caller: Annotated[Caller, require(Permission.WORKFLOW_WRITE)],
    if_match: IfMatch = None,
) -> None:
    """Delete a workflow with its triggers; its executions keep their history."""
    parts = parts_of(request)

    def delete(session: Session) -> None:
        workflow = Workflows(session, caller.workspace_id).lock(workflow_id)
        _check_match(workflow, if_match)
        deactivate(session, workflow, parts.clock.now())
        workflow.active = False
        workflow.active_version_id = None
        workflow.deleted_at = parts.clock.now()
        NodeHistories(session, caller.workspace_id).forget(workflow_id)
        record_workflow(session, caller, "workflow.deleted", workflow)

    parts.database.change(delete)


@router.post(
    "/{workflow_id}/activate",
    responses=problems(
        _409="A webhook's path is taken.",
        _503="Packages have to be resolved, and the sandbox cannot at the moment.",
    ),
    response_model_exclude_unset=True,
)
async def activate_workflow(
    workflow_id: PathId,
    request: Request,
    response: Response,
    caller: Annotated[Caller, require(Permission.WORKFLOW_WRITE)],
) -> WorkflowOut:
    """Lock the packages of the version that was saved last, and register its triggers."""
    return await activate_latest(workflow_id, request, response, caller)


async def activate_latest(
    workflow_id: str, request: Request, response: Response, caller: Caller
) -> WorkflowOut:
    """Do what ``activate_workflow`` says, whatever led to it."""
    parts = parts_of(request)

    def register(session: Session, version_id: str, plan: Plan) -> WorkflowOut | None:
        workflow = Workflows(session, caller.workspace_id).lock(workflow_id)
        if workflow.latest_version_id != version_id:
            return None
        check_activation(parts, session, workflow, plan)
        activate(session, workflow, plan, parts.clock.now())
        record_workflow(session, caller, "workflow.activated", workflow)
        return whole_workflow(session, workflow, response)

    for _ in range(ACTIVATION_TRIES):
        version_id, plan = await lock_latest(workflow_id, request, caller)
        work = partial(register, version_id=version_id, plan=plan)
        active = await run_in_threadpool(parts.database.change, work)
        if active is not None:
            return active
    raise Conflict("Newer versions are being saved all the while; activate when that has ended.")


@router.post("/{workflow_id}/deactivate", response_model_exclude_unset=True)
def deactivate_workflow(
    workflow_id: PathId,
    request: Request,
    response: Response,
    caller: Annotated[Caller, require(Permission.WORKFLOW_WRITE)],
) -> WorkflowOut:
    """Remove the triggers; what runs goes on to its end."""
    parts = parts_of(request)

    def stop(session: Session) -> WorkflowOut:
        workflow = Workflows(session, caller.workspace_id).lock(workflow_id)
        deactivate(session, workflow, parts.clock.now())
        workflow.active = False
        workflow.active_version_id = None
        record_workflow(session, caller, "workflow.deactivated", workflow)
        return whole_workflow(session, workflow, response)

    return parts.database.change(stop)


def new_workflow(name: str, caller: Caller, now: float) -> Workflow:
    """A workflow of the caller's workspace that has no version yet."""
    return Workflow(
        id=new_id(),
        workspace_id=caller.workspace_id,
        name=name,
        latest_version=0,
        latest_version_id="",
        active=False,
        active_version_id=None,
        max_concurrency=None,
        created_at=now,
        updated_at=now,
        deleted_at=None,
    )


def _check_match(workflow: Workflow, if_match: str | None) -> None:
    if if_match is None or if_match.strip() == "*":
        return
    if _etag(workflow) not in {one.strip() for one in if_match.split(",")}:
        raise StaleVersion


def _etag(workflow: Workflow) -> str:
    return f'"{workflow.latest_version}"'


def _text(body: WorkflowDefinition) -> str:
    return body.model_dump_json(by_alias=True, exclude_unset=True)


def whole_workflow(session: Session, workflow: Workflow, response: Response) -> WorkflowOut:
    """A workflow as it goes out, with its ETag; empty as long as it has no version."""
    versions = WorkflowVersions(session, workflow.workspace_id)
    active = [workflow.active_version_id] if workflow.active_version_id else []
    summary = _summary(workflow, versions.numbers(active)).model_dump()
    if not workflow.latest_version:
        response.headers["ETag"] = _etag(workflow)
        return WorkflowOut(**summary, settings=WorkflowSettings(), nodes=[], connections=[])
    definition = WorkflowDefinition.model_validate(loads(versions.latest(workflow).definition))
    response.headers["ETag"] = _etag(workflow)
    return WorkflowOut(
        **summary,
        settings=definition.settings,
        nodes=definition.nodes,
        connections=definition.connections,
        sticky_notes=definition.sticky_notes,
    )


def _summary(workflow: Workflow, numbers: dict[str, int]) -> WorkflowSummary:
    return WorkflowSummary(
        id=workflow.id,
        name=workflow.name,
        version=workflow.latest_version,
        active=workflow.active,
        active_version=numbers.get(workflow.active_version_id or ""),
        created_at=moment(workflow.created_at),
        updated_at=moment(workflow.updated_at),
    )


def listed(session: Session, workspace_id: str, rows: Sequence[Workflow]) -> list[WorkflowListed]:
    """Workflows as lists show them."""
    ids = [row.id for row in rows]
    active = [row.active_version_id for row in rows if row.active_version_id]
    numbers = WorkflowVersions(session, workspace_id).numbers(active)
    drafts = WorkflowDrafts(session, workspace_id).among(ids)
    overview = Overview(session, workspace_id, ids)
    return [
        WorkflowListed(
            **_summary(row, numbers).model_dump(),
            has_draft=row.id in drafts,
            trigger_types=overview.trigger_types.get(row.id, []),
            last_execution=LastExecution(
                id=last.id,
                status=last.status,
                finished_at=None if last.finished_at is None else moment(last.finished_at),
            )
            if (last := overview.last_executions.get(row.id))
            else None,
        )
        for row in rows
    ]


def record_workflow(session: Session, caller: Caller, action: str, workflow: Workflow) -> None:
    """Put on record what was done to a workflow."""
    detail = {"name": workflow.name, "version": workflow.latest_version}
    target = f"workflow:{workflow.id}"
    record(session, caller.workspace_id, caller.actor, action, target, detail)
