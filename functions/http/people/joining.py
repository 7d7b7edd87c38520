"""Joining a workspace on an invitation."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request, Response
from pydantic import Field

from functions.http.access import parts_of, require
from functions.http.endpoint import group, problems
from functions.http.people.auth import (
    ONLY_BROWSERS,
    LoginOut,
    Token,
    accounts_of,
    check_is_browser,
    signed_in,
)
from functions.http.shapes import In, Moment, Out, moment
from layers.database.models import Role
from layers.database.repositories.users import find_user, get_workspace, names_of
from layers.identity import Authenticator, Caller, Permission
from layers.identity.invitations import look_up

router = group("auth", "/auth")

NOT_VALID = "The invitation was used or withdrawn, or is too old."


class TokenIn(In):
    """What an invitation's address ends with."""

    token: Token


class InvitedOut(Out):
    """What somebody with an invitation is told before they accept it."""

    workspace_name: str
    email: str
    role: Role
    invited_by: str | None
    expires_at: Moment
    has_account: bool = Field(description="Whether there is an account with this address.")


@router.post("/invitation", responses=problems(_404=NOT_VALID))
def read_invitation(body: TokenIn, request: Request) -> InvitedOut:
    """Say what an invitation is about, to whoever has its token."""
    parts = parts_of(request)
    with parts.database.read() as session:
        row = look_up(session, body.token, parts.clock.now())
        names = names_of(session, [row.invited_by])
        return InvitedOut(
            workspace_name=get_workspace(session, row.workspace_id).name,
            email=row.email,
            role=Role(row.role),
            invited_by=names.get(row.invited_by or ""),
            expires_at=moment(row.expires_at),
            has_account=find_user(session, row.email) is not None,
        )


@router.post("/join", responses=problems(_404=NOT_VALID, _409=ONLY_BROWSERS))
def accept_invitation(
    body: TokenIn,
    request: Request,
    response: Response,
    caller: Annotated[Caller, require(Permission.SELF)],
) -> LoginOut:
    """Join the workspace of an invitation, and go on there."""
    check_is_browser(caller)
    found = accounts_of(request).accept(caller, body.token)
    authenticator: Authenticator = request.app.state.authenticator
    authenticator.forget(caller.proof_id)
    return signed_in(request, response, found)
