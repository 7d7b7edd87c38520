"""Making workspaces, and going from one into another."""

from __future__ import annotations

from sqlalchemy.orm import Session

from layers.database.models import BillingAccount, Membership, Role, User, Workspace
from layers.database.repositories.members import Members
from layers.database.repositories.users import first_membership, get_workspace
from layers.ids import new_id
from layers.vault import Vault


def make_workspace(
    session: Session, vault: Vault, user: User, name: str, now: float
) -> tuple[Workspace, Membership]:
    """Make a workspace with a key of its own; the user becomes its owner."""
    workspace_id = new_id()
    workspace = Workspace(
        id=workspace_id,
        name=name,
        sealed_key=vault.new_workspace_key(workspace_id),
        created_at=now,
    )
    session.add(workspace)
    session.flush()
    session.add(BillingAccount(workspace_id=workspace_id, plan="free", created_at=now))
    return workspace, Members(session, workspace_id).add(user.id, Role.OWNER, now)


def home_of(session: Session, vault: Vault, user: User, now: float) -> tuple[Workspace, Membership]:
    """Where signing in leads: to where the user was last, or joined first.

    Somebody who has been put out of every workspace gets one of their own.
    """
    found: Membership | None = None
    if user.last_workspace_id is not None:
        found = Members(session, user.last_workspace_id).admitted(user.id)
    found = found or first_membership(session, user.id)
    if found is None:
        return make_workspace(session, vault, user, own_name(user.name), now)
    return get_workspace(session, found.workspace_id), found


def own_name(name: str) -> str:
    """What a person's first workspace is called."""
    return f"{name}'s workspace"
