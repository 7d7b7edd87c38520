"""API keys."""

from __future__ import annotations

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from layers.database.models import ApiKey, Membership, User
from layers.database.repositories.scope import Scoped


class ApiKeys(Scoped[ApiKey]):
    """The API keys of a workspace that are not revoked."""

    model = ApiKey

    def query(self) -> Select[ApiKey]:
        """Leave out what is revoked."""
        return super().query().where(ApiKey.revoked_at.is_(None))

    def visible_to(self, user_id: str | None) -> Select[ApiKey]:
        """The keys of one user, or all for None."""
        return self.query() if user_id is None else self.query().where(ApiKey.user_id == user_id)


def find_by_hash(session: Session, key_hash: str) -> tuple[ApiKey, Membership, User] | None:
    """The key with this hash, with its owner and role; in no workspace yet, since it names one."""
    query = (
        select(ApiKey, Membership, User)
        .join(User, User.id == ApiKey.user_id)
        .join(
            Membership,
            (Membership.user_id == ApiKey.user_id)
            & (Membership.workspace_id == ApiKey.workspace_id)
            & Membership.suspended_at.is_(None),
        )
        .where(ApiKey.key_hash == key_hash, ApiKey.revoked_at.is_(None))
    )
    row = session.execute(query).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


def mark_used(session: Session, key_id: str, moment: float) -> None:
    """Remember when a key was last used."""
    session.execute(update(ApiKey).where(ApiKey.id == key_id).values(last_used_at=moment))
