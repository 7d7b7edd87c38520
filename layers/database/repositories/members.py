"""Who belongs to a workspace."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from layers.database.models import ApiKey, Membership, Role, User, Workspace
from layers.database.models import Session as BrowserSession
from layers.errors import NotFound


class Members:
    """The members of one workspace."""

    def __init__(self, session: Session, workspace_id: str) -> None:
        self._session = session
        self._workspace_id = workspace_id

    def hold(self) -> None:
        """Let nobody else change who belongs here before this transaction ends."""
        query = select(Workspace.id).where(Workspace.id == self._workspace_id)
        self._session.execute(query.with_for_update())

    def all(self) -> Sequence[tuple[Membership, User]]:
        """Everybody, in the order of joining."""
        query = (
            select(Membership, User)
            .join(User, User.id == Membership.user_id)
            .where(Membership.workspace_id == self._workspace_id)
            .order_by(Membership.created_at, Membership.user_id)
        )
        return [(row[0], row[1]) for row in self._session.execute(query)]

    def find(self, user_id: str) -> Membership | None:
        """Somebody's membership, or None."""
        return self._session.get(Membership, (self._workspace_id, user_id))

    def admitted(self, user_id: str) -> Membership | None:
        """Somebody's membership, or None as well for who is suspended."""
        found = self.find(user_id)
        return None if found is None or found.suspended_at is not None else found

    def get(self, user_id: str) -> Membership:
        """Somebody's membership; raises NotFound."""
        found = self.find(user_id)
        if found is None:
            raise NotFound
        return found

    def with_address(self, email: str) -> Membership | None:
        """The membership of the person with this address (in lower case), or None."""
        query = (
            select(Membership)
            .join(User, User.id == Membership.user_id)
            .where(Membership.workspace_id == self._workspace_id, User.email == email)
        )
        return self._session.scalars(query).one_or_none()

    def owners(self) -> int:
        """How many owners there are who may come in."""
        return sum(
            member.role == Role.OWNER and member.suspended_at is None for member, _ in self.all()
        )

    def number(self) -> int:
        """How many members there are for the plan: who is suspended does not count."""
        return sum(member.suspended_at is None for member, _ in self.all())

    def add(self, user_id: str, role: Role, now: float) -> Membership:
        """Let somebody in."""
        row = Membership(
            workspace_id=self._workspace_id, user_id=user_id, role=role, created_at=now
        )
        self._session.add(row)
        self._session.flush()
        return row

    def remove(self, row: Membership, now: float) -> None:
        """Put somebody out: their sessions here end, and their keys of here are revoked."""
        mine = BrowserSession.workspace_id == self._workspace_id
        self._session.execute(
            delete(BrowserSession).where(mine, BrowserSession.user_id == row.user_id)
        )
        self._session.execute(
            update(ApiKey)
            .where(
                ApiKey.workspace_id == self._workspace_id,
                ApiKey.user_id == row.user_id,
                ApiKey.revoked_at.is_(None),
            )
            .values(revoked_at=now)
        )
        self._session.delete(row)
        self._session.flush()
