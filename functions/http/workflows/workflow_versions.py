"""What was saved of a workflow: its versions, listed and read."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Request
from pydantic import Field

from functions.http.access import parts_of, require
from functions.http.endpoint import group
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
from functions.http.workflows.version_locks import VersionLock, locks_of
from layers.database.models import WorkflowVersion
from layers.database.repositories.users import names_of
from layers.database.repositories.workflows import Workflows, WorkflowVersions
from layers.engine.core.definition import WorkflowDefinition
from layers.identity import Caller, Permission
from layers.jsontext import loads

router = group("workflows", "/workflows")

Number = Annotated[int, Path(ge=1, le=2_147_483_647, description="The version's number.")]


class VersionSummary(Out):
    """One saved version."""

    version: int
    created_at: Moment
    created_by: Identifier | None
    created_by_name: str | None = None
    message: str | None = None
    active: bool = False


class VersionOut(VersionSummary):
    """One saved version with its document."""

    workflow: WorkflowDefinition
    locks: list[VersionLock] = Field(
        description="Made when the version is activated or first run; none before."
    )


@router.get("/{workflow_id}/versions")
def list_workflow_versions(
    workflow_id: PathId,
    request: Request,
    caller: Annotated[Caller, require(Permission.WORKFLOW_READ)],
    wanted: Wanted,
) -> Listing[VersionSummary]:
    """List what was saved."""
    with parts_of(request).database.read() as session:
        workflow = Workflows(session, caller.workspace_id).get(workflow_id)
        page = WorkflowVersions(session, caller.workspace_id).of(workflow_id, wanted)
        authors = names_of(session, [row.created_by for row in page.rows])
    return Listing(
        items=[
            _version(row).model_copy(
                update={
                    "created_by_name": authors.get(row.created_by or ""),
                    "active": row.id == workflow.active_version_id,
                }
            )
            for row in page.rows
        ],
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


def _version(row: WorkflowVersion) -> VersionSummary:
    return VersionSummary(
        version=row.number,
        created_at=moment(row.created_at),
        created_by=row.created_by,
        message=row.message,
    )
