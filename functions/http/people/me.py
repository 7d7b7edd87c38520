"""Oneself."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request
from pydantic import Field

from functions.http.access import parts_of, require
from functions.http.endpoint import group
from functions.http.shapes import Identifier, In, Moment, Name, Out, moment
from layers.database.models import Role, User, Workspace
from layers.database.repositories.users import get_user, get_workspace
from layers.identity import PERMISSIONS_OF, Caller, Permission, Via
from layers.identity.audit import record

router = group("me")


class UserOut(Out):
    """A person."""

    id: Identifier
    email: str
    name: str
    is_administrator: bool = Field(description="Of the instance, not of a workspace.")
    created_at: Moment

    @classmethod
    def of(cls, user: User) -> UserOut:
        """What others may know of a user."""
        return cls(
            id=user.id,
            email=user.email,
            name=user.name,
            is_administrator=user.is_administrator,
            created_at=moment(user.created_at),
        )


class WorkspaceOut(Out):
    """A workspace, and the caller's role in it."""

    id: Identifier
    name: str
    role: Role
    created_at: Moment

    @classmethod
    def of(cls, workspace: Workspace, role: Role) -> WorkspaceOut:
        """What a member may know of a workspace."""
        return cls(
            id=workspace.id,
            name=workspace.name,
            role=role,
            created_at=moment(workspace.created_at),
        )


class MeIn(In):
    """What a person may change of themselves."""

    name: Name = Field(examples=["Ada Lovelace"])


class MeOut(Out):
    """Who is calling, where, and what they may do."""

    user: UserOut
    workspace: WorkspaceOut
    via: Via
    permissions: list[Permission]
    csrf_token: str | None = Field(
        description="Send it as X-CSRF-Token with unsafe methods; null for API keys."
    )


@router.get("/me")
def read_me(request: Request, caller: Annotated[Caller, require(Permission.SELF)]) -> MeOut:
    """Say who the caller is."""
    with parts_of(request).database.read() as session:
        user = get_user(session, caller.user_id)
        workspace = get_workspace(session, caller.workspace_id)
    return _me(caller, user, workspace)


@router.put("/me")
def update_me(
    body: MeIn, request: Request, caller: Annotated[Caller, require(Permission.SELF)]
) -> MeOut:
    """Change one's name."""
    with parts_of(request).database.write() as session:
        user = get_user(session, caller.user_id)
        user.name = body.name
        workspace = get_workspace(session, caller.workspace_id)
        target = f"user:{caller.user_id}"
        record(session, caller.workspace_id, caller.actor, "user.renamed", target)
    return _me(caller, user, workspace)


def _me(caller: Caller, user: User, workspace: Workspace) -> MeOut:
    return MeOut(
        user=UserOut.of(user),
        workspace=WorkspaceOut.of(workspace, caller.role),
        via=caller.via,
        permissions=sorted(PERMISSIONS_OF[caller.role]),
        csrf_token=caller.csrf_token,
    )
