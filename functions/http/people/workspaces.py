"""Workspaces: those of the caller, and the one that they are in."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request
from pydantic import Field

from functions.http.access import parts_of, require
from functions.http.billing.plan_checks import check_retention
from functions.http.endpoint import group
from functions.http.people.me import WorkspaceOut
from functions.http.shapes import In, Listing, Name, Out
from layers.clock import rfc3339
from layers.database.models import Role
from layers.database.repositories.executions import Executions
from layers.database.repositories.users import get_user, get_workspace, memberships
from layers.identity import Caller, Permission
from layers.identity.audit import record
from layers.identity.workspaces import make_workspace

router = group("workspaces")

MOST_DAYS = 3650
Days = Annotated[int, Field(ge=1, le=MOST_DAYS)]


class WorkspaceIn(In):
    """A workspace's name."""

    name: Name = Field(examples=["Accounting"])


class RetentionIn(In):
    """How long executions are kept once they have ended."""

    days: Days | None = Field(description="Null: for ever.", examples=[90])
    failed_days: Days | None = Field(
        default=None, description="The same for those that failed; null: as all others."
    )


class RetentionOut(Out):
    """How long executions are kept, and which there are."""

    days: int | None
    failed_days: int | None
    executions: int = Field(description="How many there are now; 10001 for any more than that.")
    oldest_at: str | None = Field(
        description="When the oldest of them began.", json_schema_extra={"format": "date-time"}
    )


@router.get("/workspaces")
def list_workspaces(
    request: Request, caller: Annotated[Caller, require(Permission.SELF)]
) -> Listing[WorkspaceOut]:
    """List the workspaces that the caller belongs to."""
    with parts_of(request).database.read() as session:
        found = memberships(session, caller.user_id)
    items = [WorkspaceOut.of(workspace, Role(member.role)) for member, workspace in found]
    return Listing(items=items, next_cursor=None)


@router.post("/workspaces", status_code=201)
def create_workspace(
    body: WorkspaceIn, request: Request, caller: Annotated[Caller, require(Permission.SELF)]
) -> WorkspaceOut:
    """Make a workspace, of which the caller becomes the owner."""
    parts = parts_of(request)
    with parts.database.write() as session:
        user = get_user(session, caller.user_id)
        made, _ = make_workspace(session, parts.vault, user, body.name, parts.clock.now())
        actor = f"user:{caller.user_id}"
        record(
            session,
            made.id,
            actor,
            "workspace.created",
            f"workspace:{made.id}",
            {"name": made.name},
        )
    return WorkspaceOut.of(made, Role.OWNER)


@router.put("/workspace")
def rename_workspace(
    body: WorkspaceIn,
    request: Request,
    caller: Annotated[Caller, require(Permission.WORKSPACE_WRITE)],
) -> WorkspaceOut:
    """Rename the workspace that the caller is in."""
    with parts_of(request).database.write() as session:
        workspace = get_workspace(session, caller.workspace_id)
        detail = {"from": workspace.name, "to": body.name}
        workspace.name = body.name
        target = f"workspace:{workspace.id}"
        record(session, workspace.id, caller.actor, "workspace.renamed", target, detail)
    return WorkspaceOut.of(workspace, caller.role)


@router.get("/workspace/retention")
def read_retention(
    request: Request, caller: Annotated[Caller, require(Permission.WORKSPACE_READ)]
) -> RetentionOut:
    """Say how long executions are kept."""
    with parts_of(request).database.read() as session:
        workspace = get_workspace(session, caller.workspace_id)
        number, oldest = Executions(session, caller.workspace_id).extent()
    return RetentionOut(
        days=workspace.retention_days,
        failed_days=workspace.failed_retention_days,
        executions=number,
        oldest_at=rfc3339(oldest),
    )


@router.put("/workspace/retention")
def update_retention(
    body: RetentionIn,
    request: Request,
    caller: Annotated[Caller, require(Permission.WORKSPACE_WRITE)],
) -> RetentionOut:
    """Say how long executions are to be kept; what is older goes within minutes."""
    parts = parts_of(request)
    with parts.database.write() as session:
        check_retention(parts, session, caller.workspace_id, body.days)
        check_retention(parts, session, caller.workspace_id, body.failed_days)
        workspace = get_workspace(session, caller.workspace_id)
        workspace.retention_days = body.days
        workspace.failed_retention_days = body.failed_days
        target = f"workspace:{workspace.id}"
        detail = body.model_dump()
        record(session, workspace.id, caller.actor, "workspace.retention_changed", target, detail)
        number, oldest = Executions(session, caller.workspace_id).extent()
    return RetentionOut(**body.model_dump(), executions=number, oldest_at=rfc3339(oldest))
