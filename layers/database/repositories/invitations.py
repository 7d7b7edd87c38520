"""Invitations into workspaces."""

from __future__ import annotations

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from layers.database.models import Invitation
from layers.database.repositories.scope import Scoped


class Invitations(Scoped[Invitation]):
    """The invitations of a workspace."""

    model = Invitation

    def open(self, moment: float) -> Select[Invitation]:
        """Those that somebody could still accept."""
        return self.query().where(Invitation.expires_at > moment)

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
    """The invitation with this token's hash that is still good, in whichever workspace."""
    query = select(Invitation).where(
        Invitation.token_hash == token_hash, Invitation.expires_at > moment
    )
    return session.scalars(query).one_or_none()


def end_expired_invitations(session: Session, moment: float) -> None:
    """Forget those that nobody accepted in time."""
    session.execute(delete(Invitation).where(Invitation.expires_at <= moment))
