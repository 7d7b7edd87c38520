"""The members of the workspace."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request
from pydantic import Field

from functions.http.access import parts_of, require
from functions.http.billing.plan_checks import check_member
from functions.http.endpoint import group, problems
from functions.http.shapes import Identifier, In, Listing, Moment, Out, PathId, moment
from layers.clock import rfc3339
from layers.database.models import Membership, Role, User
from layers.database.repositories.members import Members
from layers.database.repositories.users import get_user
from layers.identity import Authenticator, Caller, Permission
from layers.identity.members import Membering

router = group("members", "/members")

LAST_OWNER = problems(_409="The last owner cannot be put out, leave or take a lesser role.")


class RoleIn(In):
    """A role to give."""

    role: Annotated[Role, Field(strict=False)]


class MemberOut(Out):
    """A person in the workspace."""

    user_id: Identifier
    email: str
    name: str
    role: Role
    joined_at: Moment
    suspended_at: Moment | None = Field(
        description="Since when they may not come in, because the plan includes fewer members."
    )

    @classmethod
    def of(cls, row: Membership, user: User) -> MemberOut:
        """What other members may know of one."""
        return cls(
            user_id=user.id,
            email=user.email,
            name=user.name,
            role=Role(row.role),
            joined_at=moment(row.created_at),
            suspended_at=rfc3339(row.suspended_at),
        )


@router.get("")
def list_members(
    request: Request, caller: Annotated[Caller, require(Permission.MEMBER_READ)]
) -> Listing[MemberOut]:
    """List everybody in the workspace, in the order of joining."""
    with parts_of(request).database.read() as session:
        found = Members(session, caller.workspace_id).all()
    return Listing(items=[MemberOut.of(row, user) for row, user in found], next_cursor=None)


@router.put("/{user_id}", responses=LAST_OWNER)
def change_role(
    user_id: PathId,
    body: RoleIn,
    request: Request,
    caller: Annotated[Caller, require(Permission.MEMBER_WRITE)],
) -> MemberOut:
    """Give a member another role; only owners make owners or change what one is."""
    with parts_of(request).database.write() as session:
        row = Membering(session, caller).change_role(user_id, body.role)
        changed = MemberOut.of(row, get_user(session, user_id))
    _forget(request, caller, user_id)
    return changed


@router.post("/{user_id}/restore", responses=problems(_402="The plan includes no more members."))
def restore_member(
    user_id: PathId,
    request: Request,
    caller: Annotated[Caller, require(Permission.MEMBER_WRITE)],
) -> MemberOut:
    """Let a suspended member in again, where the plan has room for one more."""
    parts = parts_of(request)
    with parts.database.write() as session:
        if Members(session, caller.workspace_id).get(user_id).suspended_at is not None:
            check_member(parts, session, caller.workspace_id)
        row = Membering(session, caller).restore(user_id)
        restored = MemberOut.of(row, get_user(session, user_id))
    _forget(request, caller, user_id)
    return restored


@router.delete("/{user_id}", status_code=204, responses=LAST_OWNER)
def remove_member(
    user_id: PathId,
    request: Request,
    caller: Annotated[Caller, require(Permission.MEMBER_READ)],
) -> None:
    """Put a member out, which administrators may, or leave, which everybody may.

    Their sessions in this workspace end, and their API keys of it are revoked.
    """
    parts = parts_of(request)
    with parts.database.write() as session:
        Membering(session, caller).remove(user_id, parts.clock.now())
    _forget(request, caller, user_id)


def _forget(request: Request, caller: Caller, user_id: str) -> None:
    authenticator: Authenticator = request.app.state.authenticator
    authenticator.forget_user(user_id, caller.workspace_id)
