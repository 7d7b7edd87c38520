"""Workflows and their versions."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Body, Header, Path, Request, Response
from pydantic import Field
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from functions.http.access import parts_of, require
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
from functions.http.version_locks import VersionLock, lock_latest, locks_of
from layers.database.models import Workflow, WorkflowVersion
from layers.database.repositories.credentials import Credentials
from layers.database.repositories.workflows import Workflows, WorkflowVersions
from layers.engine.activation import activate, deactivate
from layers.engine.definition import (
    ConnectionDefinition,
    NodeDefinition,
    WorkflowDefinition,
    WorkflowSettings,
)
from layers.engine.plan import compile_plan
from layers.errors import Conflict, FieldError, InvalidInput, StaleVersion
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
Number = Annotated[int, Path(ge=1, le=2_147_483_647, description="The version's number.")]
STALE = problems(_412="Somebody saved a newer version.")
ACTIVATION_TRIES = 3
"""How often to begin anew when another version is saved while packages are being locked."""


class WorkflowSummary(Out):
    """A workflow without its nodes."""

    id: Identifier
    name: str
    version: int = Field(description="The version that was saved last.")
    active: bool
    active_version: int | None = Field(description="The version that its triggers start.")
    created_at: Moment
    updated_at: Moment


class WorkflowOut(WorkflowSummary):
    """A workflow document with what the instance knows of it."""

    settings: WorkflowSettings
    nodes: list[NodeDefinition]
    connections: list[ConnectionDefinition]


class VersionSummary(Out):
    """One saved version."""

    version: int
    created_at: Moment
    created_by: Identifier | None


class VersionOut(VersionSummary):
    """One saved version with its document."""

    workflow: WorkflowDefinition
    locks: list[VersionLock] = Field(
        description="Made when the version is activated or first run; none before."
    )


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
    with parts.database.write() as session:
        _check(body, request, session, caller)
        workflow = Workflow(
            id=new_id(),
            workspace_id=caller.workspace_id,
            name=body.name,
            latest_version=0,
            latest_version_id="",
            active=False,
            active_version_id=None,
            max_concurrency=body.settings.max_concurrency,
            created_at=now,
            updated_at=now,
            deleted_at=None,
        )
        Workflows(session, caller.workspace_id).save(workflow, _text(body), caller.user_id, now)
        _record(session, caller, "workflow.created", workflow)
        return _answer(session, workflow, response)


@router.get("")
def list_workflows(
    request: Request, caller: Annotated[Caller, require(Permission.WORKFLOW_READ)], wanted: Wanted
) -> Listing[WorkflowSummary]:
    """List the workspace's workflows."""
    with parts_of(request).database.read() as session:
        page = Workflows(session, caller.workspace_id).page(wanted)
        active = [row.active_version_id for row in page.rows if row.active_version_id]
        numbers = WorkflowVersions(session, caller.workspace_id).numbers(active)
    return Listing(
        items=[_summary(row, numbers) for row in page.rows],
        next_cursor=next_cursor([row.id for row in page.rows], page.more),
    )


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
        return _answer(session, workflow, response)


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
    with parts.database.write() as session:
        workflows = Workflows(session, caller.workspace_id)
        workflow = workflows.lock(workflow_id)
        _check_match(workflow, if_match)
        _check(body, request, session, caller)
        workflow.name = body.name
        workflow.max_concurrency = body.settings.max_concurrency
        workflows.save(workflow, _text(body), caller.user_id, parts.clock.now())
        _record(session, caller, "workflow.updated", workflow)
        return _answer(session, workflow, response)


@router.delete("/{workflow_id}", status_code=204, responses=STALE)
def delete_workflow(
    workflow_id: PathId,
    request: Request,
    caller: Annotated[Caller, require(Permission.WORKFLOW_WRITE)],
    if_match: IfMatch = None,
) -> None:
    """Delete a workflow with its triggers; its executions keep their history."""
    parts = parts_of(request)
    with parts.database.write() as session:
        workflow = Workflows(session, caller.workspace_id).lock(workflow_id)
        _check_match(workflow, if_match)
        deactivate(session, workflow.id)
        workflow.active = False
        workflow.active_version_id = None
        workflow.deleted_at = parts.clock.now()
        _record(session, caller, "workflow.deleted", workflow)


@router.get("/{workflow_id}/versions")
def list_workflow_versions(
    workflow_id: PathId,
    request: Request,
    caller: Annotated[Caller, require(Permission.WORKFLOW_READ)],
    wanted: Wanted,
) -> Listing[VersionSummary]:
    """List what was saved."""
    with parts_of(request).database.read() as session:
        Workflows(session, caller.workspace_id).get(workflow_id)
        page = WorkflowVersions(session, caller.workspace_id).of(workflow_id, wanted)
    return Listing(
        items=[_version(row) for row in page.rows],
        next_cursor=next_cursor([row.id for row in page.rows], page.more),
    )


@router.get("/{workflow_id}/versions/{number}", response_model_exclude_unset=True)
def read_workflow_version(
    workflow_id: PathId,
    number: Number,
    request: Request,
    caller: Annotated[Caller, require(Permission.WORKFLOW_READ)],
) -> VersionOut:
    """Read one version as it was saved."""
    with parts_of(request).database.read() as session:
        Workflows(session, caller.workspace_id).get(workflow_id)
        row = WorkflowVersions(session, caller.workspace_id).numbered(workflow_id, number)
        locks = locks_of(session, row)
    return VersionOut(
        **_version(row).model_dump(),
        workflow=WorkflowDefinition.model_validate(loads(row.definition)),
        locks=locks,
    )


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
    parts = parts_of(request)

    def register(version_id: str) -> WorkflowOut | None:
        with parts.database.write() as session:
            workflow = Workflows(session, caller.workspace_id).lock(workflow_id)
            latest = WorkflowVersions(session, caller.workspace_id).latest(workflow)
            if latest.id != version_id:
                return None
            definition = loads(latest.definition)
            activate(session, parts.registry, caller.workspace_id, workflow, definition)
            _record(session, caller, "workflow.activated", workflow)
            return _answer(session, workflow, response)

    for _ in range(ACTIVATION_TRIES):
        version_id = await lock_latest(workflow_id, request, caller)
        active = await run_in_threadpool(register, version_id)
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
    with parts_of(request).database.write() as session:
        workflow = Workflows(session, caller.workspace_id).lock(workflow_id)
        deactivate(session, workflow.id)
        workflow.active = False
        workflow.active_version_id = None
        _record(session, caller, "workflow.deactivated", workflow)
        return _answer(session, workflow, response)


def _check(body: WorkflowDefinition, request: Request, session: Session, caller: Caller) -> None:
    if any(ord(character) < 32 for character in body.name):
        raise InvalidInput(errors=[FieldError("/name", "Leave out the control characters.")])
    compile_plan(body, parts_of(request).registry)
    errors: list[FieldError] = []
    credentials = Credentials(session, caller.workspace_id)
    for index, node in enumerate(body.nodes):
        if node.credential_id is not None and credentials.find(node.credential_id) is None:
            message = "There is no such credential in this workspace."
            errors.append(FieldError(f"/nodes/{index}/credential_id", message))
    error_workflow = body.settings.error_workflow_id
    if error_workflow is not None and not _has_workflow(session, caller, error_workflow):
        message = "There is no such workflow in this workspace."
        errors.append(FieldError("/settings/error_workflow_id", message))
    if errors:
        raise InvalidInput("The workflow is not valid.", errors=errors)


def _has_workflow(session: Session, caller: Caller, workflow_id: str) -> bool:
    return Workflows(session, caller.workspace_id).find(workflow_id) is not None


def _check_match(workflow: Workflow, if_match: str | None) -> None:
    if if_match is None or if_match.strip() == "*":
        return
    if _etag(workflow) not in {one.strip() for one in if_match.split(",")}:
        raise StaleVersion


def _etag(workflow: Workflow) -> str:
    return f'"{workflow.latest_version}"'


def _text(body: WorkflowDefinition) -> str:
    return body.model_dump_json(by_alias=True, exclude_unset=True)


def _answer(session: Session, workflow: Workflow, response: Response) -> WorkflowOut:
    versions = WorkflowVersions(session, workflow.workspace_id)
    definition = WorkflowDefinition.model_validate(loads(versions.latest(workflow).definition))
    active = [workflow.active_version_id] if workflow.active_version_id else []
    response.headers["ETag"] = _etag(workflow)
    return WorkflowOut(
        **_summary(workflow, versions.numbers(active)).model_dump(),
        settings=definition.settings,
        nodes=definition.nodes,
        connections=definition.connections,
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


def _version(row: WorkflowVersion) -> VersionSummary:
    return VersionSummary(
        version=row.number, created_at=moment(row.created_at), created_by=row.created_by
    )


def _record(session: Session, caller: Caller, action: str, workflow: Workflow) -> None:
    detail = {"name": workflow.name, "version": workflow.latest_version}
    target = f"workflow:{workflow.id}"
    record(session, caller.workspace_id, caller.actor, action, target, detail)
