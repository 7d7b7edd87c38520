"""Who may change whose role, and who may put whom out."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from layers.database.models import Membership, Role
from layers.database.repositories.invitations import Invitations
from layers.database.repositories.members import Members
from layers.errors import Conflict, NotAllowed
from layers.identity.audit import record
from layers.identity.caller import Caller
from layers.identity.permissions import PERMISSIONS_OF, Permission


@dataclass(frozen=True)
class Membering:
    """Changes who belongs to the caller's workspace, within one transaction."""

    session: Session
    caller: Caller

    def change_role(self, user_id: str, role: Role) -> Membership:
        """Give somebody another role; raises NotFound, NotAllowed, Conflict for the last owner."""
        members = self._held()
        row = members.get(user_id)
        if row.role == role:
            return row
        check_may_give(self.caller, Role(row.role))
        check_may_give(self.caller, role)
        self._keep_an_owner(members, row)
        detail = {"from": row.role, "to": str(role)}
        row.role = role
        self.session.flush()
        self._record("member.role_changed", user_id, detail)
        self._end_invitations(user_id, role)
        return row

    def remove(self, user_id: str, now: float) -> None:
        """Put somebody out, or leave; raises NotFound, NotAllowed, Conflict for the last owner."""
        members = self._held()
        row = members.get(user_id)
        leaves = user_id == self.caller.user_id
        if not leaves:
            check_may_manage(self.caller)
            check_may_give(self.caller, Role(row.role))
        self._keep_an_owner(members, row)
        role = row.role
        members.remove(row, now)
        self._record("member.left" if leaves else "member.removed", user_id, {"role": role})
        self._end_invitations(user_id, None)

    def restore(self, user_id: str) -> Membership:
        """Let somebody in again who was suspended; raises NotFound, NotAllowed."""
        row = self._held().get(user_id)
        check_may_give(self.caller, Role(row.role))
        if row.suspended_at is not None:
            row.suspended_at = None
            self.session.flush()
            self._record("member.restored", user_id, {"role": row.role})
        return row

    def _end_invitations(self, user_id: str, role: Role | None) -> None:
        """End the invitations that somebody with this role, or none, could not make now."""
        invitations = Invitations(self.session, self.caller.workspace_id)
        lost = [one for one in Role if role is None or not may_invite(role, one)]
        for row in invitations.made_by(user_id, lost):
            detail = {"email": row.email, "role": row.role, "invited_by": f"user:{user_id}"}
            target = f"invitation:{row.id}"
            caller = self.caller
            invitations.remove(row)
            record(
                self.session,
                caller.workspace_id,
                caller.actor,
                "invitation.ended_with_its_inviter",
                target,
                detail,
            )

    def _held(self) -> Members:
        members = Members(self.session, self.caller.workspace_id)
        members.hold()
        return members

    def _keep_an_owner(self, members: Members, row: Membership) -> None:
        if row.role == Role.OWNER and members.owners() == 1:
            raise Conflict("A workspace needs an owner: make somebody else an owner first.")

    def _record(self, action: str, user_id: str, detail: dict[str, str]) -> None:
        caller = self.caller
        record(self.session, caller.workspace_id, caller.actor, action, f"user:{user_id}", detail)


def suspend_member(
    session: Session, workspace_id: str, user_id: str, actor: str, now: float
) -> bool:
    """Keep somebody out without taking the membership; says whether that is new.

    The last owner stays, and so does whoever is no member any more.
    """
    members = Members(session, workspace_id)
    members.hold()
    row = members.find(user_id)
    if row is None or row.suspended_at is not None:
        return False
    if row.role == Role.OWNER and members.owners() == 1:
        return False
    row.suspended_at = now
    session.flush()
    detail = {"role": row.role}
    record(session, workspace_id, actor, "member.suspended", f"user:{user_id}", detail)
    return True


def check_may_give(caller: Caller, role: Role) -> None:
    """Only owners make owners, and only they change what an owner is; raises NotAllowed."""
    if role == Role.OWNER and caller.role != Role.OWNER:
        raise NotAllowed("Only an owner can make somebody an owner, or change an owner's role.")


def may_invite(role: Role, invited_as: Role) -> bool:
    """Whether a member with this role may invite somebody into another."""
    gives = role == Role.OWNER or invited_as != Role.OWNER
    return gives and Permission.MEMBER_WRITE in PERMISSIONS_OF[role]


def check_still_may_invite(members: Members, caller: Caller, invited_as: Role) -> None:
    """Raise NotAllowed unless the caller may now, whatever was known when the request came."""
    check_may_give(caller, invited_as)
    found = members.admitted(caller.user_id)
    if found is None or not may_invite(Role(found.role), invited_as):
        raise NotAllowed("You may not invite anybody into this workspace any more.")


def check_may_manage(caller: Caller) -> None:
    """Raise NotAllowed unless the caller may deal with other members."""
    if not caller.may(Permission.MEMBER_WRITE):
        raise NotAllowed(f"Your role, {caller.role}, does not include {Permission.MEMBER_WRITE!s}.")
