"""Inviting people, and joining on an invitation."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from layers.database.models import Invitation, Membership, Role, User
from layers.database.repositories.invitations import (
    Invitations,
    end_expired_invitations,
    find_invitation,
)
from layers.database.repositories.members import Members
from layers.errors import Conflict, FieldError, InvalidInput, NotFound
from layers.identity.audit import record
from layers.identity.caller import Caller
from layers.identity.members import check_still_may_invite
from layers.identity.tokens import new_token, token_hash
from layers.ids import new_id

MayJoin = Callable[[Session, str], None]
"""Raises what keeps one more from joining a workspace."""
VALID_S = 7 * 86_400.0


def invite(
    session: Session, caller: Caller, email: str, role: Role, now: float
) -> tuple[Invitation, str]:
    """Invite somebody by address; returns the invitation and its token, which is never seen again.

    An earlier invitation to the same address ends, and all of an inviter's end with the right to
    make them. Raises NotAllowed for a role that the caller cannot give, Conflict for somebody who
    is a member.
    """
    members = Members(session, caller.workspace_id)
    members.hold()
    check_still_may_invite(members, caller, role)
    email = email.lower()
    if members.with_address(email) is not None:
        raise Conflict(f"{email} is a member of this workspace already.")
    end_expired_invitations(session, now)
    invitations = Invitations(session, caller.workspace_id)
    invitations.withdraw(email)
    token = new_token()
    row = Invitation(
        id=new_id(),
        email=email,
        role=role,
        token_hash=token_hash(token),
        invited_by=caller.user_id,
        created_at=now,
        expires_at=now + VALID_S,
    )
    invitations.add(row)
    detail = {"email": email, "role": str(role)}
    target = f"invitation:{row.id}"
    record(session, caller.workspace_id, caller.actor, "invitation.created", target, detail)
    return row, token


def look_up(session: Session, token: str, now: float) -> Invitation:
    """The invitation that a token belongs to; raises NotFound once it is used, old or withdrawn."""
    found = find_invitation(session, token_hash(token), now)
    if found is None:
        raise NotFound("This invitation is not valid any more. Ask for a new one.")
    return found


def join(
    session: Session, user: User, token: str, now: float, may_join: MayJoin | None = None
) -> Membership:
    """Make a user a member by an invitation, which is used up then.

    ``may_join`` raises what keeps one more from joining; nobody else joins before this
    transaction ends. Raises NotFound, InvalidInput if it was sent to another address, Conflict
    for a member.
    """
    members = Members(session, look_up(session, token, now).workspace_id)
    members.hold()
    # Whoever put the inviter out before us has committed by now.
    invitation = look_up(session, token, now)
    if invitation.email != user.email:
        message = (
            f"This invitation was sent to {invitation.email}, and you are {user.email}: sign in"
            " with that address, or ask for an invitation to this one."
        )
        raise InvalidInput(errors=[FieldError("/token", message)])
    if members.find(user.id) is not None:
        raise Conflict("You are a member of this workspace already.")
    if may_join is not None:
        may_join(session, invitation.workspace_id)
    joined = members.add(user.id, Role(invitation.role), now)
    user.last_workspace_id = invitation.workspace_id
    detail = {"role": invitation.role, "email": invitation.email}
    session.delete(invitation)
    session.flush()
    actor = f"user:{user.id}"
    record(session, joined.workspace_id, actor, "invitation.accepted", actor, detail)
    return joined
