"""How a credential's secrets lie in its row."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from layers.database.models import Credential
from layers.database.repositories.users import get_workspace
from layers.jsontext import loads
from layers.vault import Row, WorkspaceKey

HELD = "secrets_held"
"""Which of the optional secrets are set, among the fields that are not secret."""


def workspace_key(session: Session, workspace_id: str) -> WorkspaceKey:
    """The key of a workspace, as the vault takes it."""
    workspace = get_workspace(session, workspace_id)
    return WorkspaceKey(workspace.id, workspace.sealed_key)


def place_of(row: Credential) -> Row:
    """The place that a credential's secrets are sealed to."""
    return Row("credentials", row.id, row.type)


def public_fields(row: Credential) -> dict[str, str]:
    """The fields that are not secret."""
    kept: dict[str, Any] = loads(row.public)
    return {name: value for name, value in kept.items() if name != HELD}
