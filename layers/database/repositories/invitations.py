"""Invitations into workspaces."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from layers.database.models import Invitation, Membership, Role
from layers.database.repositories.scope import Scoped


class Invitations(Scoped[Invitation]):
    """The invitations of a workspace."""

    model = Invitation

    def open(self, moment: float) -> Select[Invitation]:
        """Those that somebody could still accept."""
        return self.query().where(Invitation.expires_at > moment, _inviter_still_may())

    def made_by(self, user_id: str, roles: Collection[Role]) -> Sequence[Invitation]:
        """Those of one inviter into some roles, too old ones among them."""
        query = self.query().where(Invitation.invited_by == user_id, Invitation.role.in_(roles))
        return self.session.scalars(query.order_by(Invitation.id)).all()

    def count_open(self, moment: float) -> int:
        """How many are open at a moment."""
        query = select(func.count()).select_from(self.open(moment).subquery())
        return self.session.scalars(query).one()

    def withdraw(self, email: str) -> None:
        """Delete what was sent to an address before."""
        self.session.execute(
            delete(Invitation).where(
                Invitation.workspace_id == self.workspace_id, Invitation.email == email
            )
        )


def find_invitation(session: Session, token_hash: str, moment: float) -> Invitation | None:
    """The invitation with this token's hash that is still good, in whichever workspace.

    It is read anew, whatever the session has read before: who holds the workspace sees what others
    did to it and to its inviter until then.
    """
    query = select(Invitation).where(
        Invitation.token_hash == token_hash,
        Invitation.expires_at > moment,
        _inviter_still_may(),
    )
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def end_expired_invitations(session: Session, moment: float) -> None:
    """Forget those that nobody accepted in time."""
    session.execute(delete(Invitation).where(Invitation.expires_at <= moment))


def _inviter_still_may() -> ColumnElement[bool]:
    """Whether who made an invitation could make it now: as ``layers.identity.members`` decides."""
    admins_may = and_(Membership.role == Role.ADMIN, Invitation.role != Role.OWNER)
    return (
        select(Membership.user_id)
        .where(
            Membership.workspace_id == Invitation.workspace_id,
            Membership.user_id == Invitation.invited_by,
            Membership.suspended_at.is_(None),
            or_(Membership.role == Role.OWNER, admins_may),
        )
        .exists()
    )
