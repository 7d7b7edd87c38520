"""Invitations into the workspace."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request
from pydantic import Field

from functions.http.access import parts_of, require
from functions.http.billing.plan_checks import check_member
from functions.http.endpoint import group, problems
from functions.http.people.auth import Email
from functions.http.shapes import (
    Identifier,
    In,
    Listing,
    Moment,
    Out,
    PathId,
    Wanted,
    moment,
    next_cursor,
)
from layers.database.models import Invitation, Role
from layers.database.repositories.invitations import Invitations
from layers.database.repositories.users import names_of
from layers.identity import Caller, Permission
from layers.identity.audit import record
from layers.identity.invitations import invite

router = group("invitations", "/invitations")


class InvitationIn(In):
    """Whom to invite, and as what."""

    email: Email
    role: Annotated[Role, Field(strict=False)]


class InvitationOut(Out):
    """An invitation that nobody has accepted yet."""

    id: Identifier
    email: str
    role: Role
    invited_by: str | None = Field(description="The name of who sent it.")
    created_at: Moment
    expires_at: Moment

    @classmethod
    def of(cls, row: Invitation, names: dict[str, str]) -> InvitationOut:
        """An invitation as members may see it."""
        return cls(
            id=row.id,
            email=row.email,
            role=Role(row.role),
            invited_by=names.get(row.invited_by or ""),
            created_at=moment(row.created_at),
            expires_at=moment(row.expires_at),
        )


class NewInvitationOut(InvitationOut):
    """An invitation that was just made."""

    url: str = Field(description="Send it to whom you invite; it is shown this once.")


@router.get("")
def list_invitations(
    request: Request, caller: Annotated[Caller, require(Permission.MEMBER_WRITE)], wanted: Wanted
) -> Listing[InvitationOut]:
    """List the invitations that are still open."""
    parts = parts_of(request)
    with parts.database.read() as session:
        invitations = Invitations(session, caller.workspace_id)
        page = invitations.page(wanted, invitations.open(parts.clock.now()))
        names = names_of(session, (row.invited_by for row in page.rows))
    return Listing(
        items=[InvitationOut.of(row, names) for row in page.rows],
        next_cursor=next_cursor([row.id for row in page.rows], page.more),
    )


@router.post("", status_code=201, responses=problems(_409="They are a member already."))
def create_invitation(
    body: InvitationIn,
    request: Request,
    caller: Annotated[Caller, require(Permission.MEMBER_WRITE)],
) -> NewInvitationOut:
    """Invite somebody; an earlier invitation to the same address ends. It is good for a week."""
    parts = parts_of(request)
    with parts.database.write() as session:
        check_member(parts, session, caller.workspace_id)
        row, token = invite(session, caller, body.email, body.role, parts.clock.now())
        made = InvitationOut.of(row, names_of(session, [row.invited_by]))
    # Behind a '#', which browsers keep to themselves: it stands in no server's log.
    url = f"{parts.settings.server.public_url}/join#{token}"
    return NewInvitationOut(**made.model_dump(), url=url)


@router.delete("/{invitation_id}", status_code=204)
def withdraw_invitation(
    invitation_id: PathId,
    request: Request,
    caller: Annotated[Caller, require(Permission.MEMBER_WRITE)],
) -> None:
    """Withdraw an invitation: its address leads nowhere any more."""
    with parts_of(request).database.write() as session:
        invitations = Invitations(session, caller.workspace_id)
        row = invitations.get(invitation_id)
        invitations.remove(row)
        record(
            session,
            caller.workspace_id,
            caller.actor,
            "invitation.withdrawn",
            f"invitation:{row.id}",
            {"email": row.email},
        )
