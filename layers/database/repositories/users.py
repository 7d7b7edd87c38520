"""People and the workspaces that they belong to."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, or_, select
from sqlalchemy.orm import Session

from layers.database.models import Membership, User, Workspace


def find_user(session: Session, email: str) -> User | None:
    """The user with this address (in lower case), or None."""
    return session.scalars(select(User).where(User.email == email)).one_or_none()


def has_users(session: Session) -> bool:
    """Whether anybody has an account."""
    return session.scalars(select(User.id).limit(1)).first() is not None


def get_user(session: Session, user_id: str) -> User:
    """The user with this id."""
    return session.get_one(User, user_id)


def get_workspace(session: Session, workspace_id: str) -> Workspace:
    """The workspace with this id."""
    return session.get_one(Workspace, workspace_id)


def workspace_exists(connection: Connection, workspace_id: str) -> bool:
    """Whether there is a workspace with this id."""
    query = select(Workspace.id).where(Workspace.id == workspace_id)
    return connection.execute(query).first() is not None


def workspace_ids(session: Session) -> list[str]:
    """The ids of all workspaces."""
    return list(session.scalars(select(Workspace.id)))


def all_workspaces(session: Session) -> list[Workspace]:
    """Every workspace of the instance."""
    return list(session.scalars(select(Workspace).order_by(Workspace.id)))


def workspaces_with_retention(session: Session) -> list[Workspace]:
    """The workspaces that do not keep their executions for ever."""
    some = or_(Workspace.retention_days.is_not(None), Workspace.failed_retention_days.is_not(None))
    return list(session.scalars(select(Workspace).where(some)))


def first_membership(session: Session, user_id: str) -> Membership | None:
    """The membership that the user got first: the workspace that signing in leads to."""
    query = (
        select(Membership)
        .where(Membership.user_id == user_id, Membership.suspended_at.is_(None))
        .order_by(Membership.created_at, Membership.workspace_id)
        .limit(1)
    )
    return session.scalars(query).one_or_none()


def memberships(session: Session, user_id: str) -> list[tuple[Membership, Workspace]]:
    """All memberships of a user with their workspaces."""
    query = (
        select(Membership, Workspace)
        .join(Workspace, Workspace.id == Membership.workspace_id)
        .where(Membership.user_id == user_id, Membership.suspended_at.is_(None))
        .order_by(Membership.created_at, Membership.workspace_id)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def names_of(session: Session, user_ids: Iterable[str | None]) -> dict[str, str]:
    """The names of users by their ids."""
    wanted = {one for one in user_ids if one is not None}
    if not wanted:
        return {}
    found = session.execute(select(User.id, User.name).where(User.id.in_(wanted)))
    return {row.id: row.name for row in found}
