"""What workspaces were granted beyond their plans: listed, made and taken away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import Connection, RowMapping, text

from layers.errors import NotFound
from layers.ids import new_id

OVERRIDES = text(
    "SELECT o.*, w.name AS workspace_name FROM plan_overrides o"
    " JOIN workspaces w ON w.id = o.workspace_id ORDER BY o.created_at DESC LIMIT 500"
)
ADD_OVERRIDE = text(
    "INSERT INTO plan_overrides (id, workspace_id, name, value, reason, created_by, created_at,"
    " expires_at) SELECT :id, id, :name, :value, :reason, :created_by, :now, :expires_at"
    " FROM workspaces WHERE id = :workspace_id"
)
REMOVE_OVERRIDE = text("DELETE FROM plan_overrides WHERE id = :id")


@dataclass(frozen=True, slots=True)
class OverrideRow:
    """What a workspace was granted beyond its plan; ``value`` is JSON text."""

    id: str
    workspace_id: str
    workspace_name: str
    name: str
    value: str
    reason: str
    created_at: float
    expires_at: float | None

    @classmethod
    def from_mapping(cls, row: RowMapping) -> Self:
        """Read a row of ``plan_overrides`` with its workspace's name."""
        return cls(
            id=row["id"],
            workspace_id=row["workspace_id"],
            workspace_name=row["workspace_name"],
            name=row["name"],
            value=row["value"],
            reason=row["reason"],
            created_at=row["created_at"],
            expires_at=row["expires_at"],
        )


def overrides(connection: Connection) -> list[OverrideRow]:
    """All overrides of the instance, the newest first."""
    return [OverrideRow.from_mapping(row) for row in connection.execute(OVERRIDES).mappings()]


def add_override(connection: Connection, values: dict[str, Any]) -> str:
    """Grant a workspace something beyond its plan; returns the id; raises NotFound."""
    override_id = new_id()
    if not connection.execute(ADD_OVERRIDE, {**values, "id": override_id}).rowcount:
        raise NotFound("There is no workspace with that id.")
    return override_id


def remove_override(connection: Connection, override_id: str) -> None:
    """Take an override away; raises NotFound."""
    if not connection.execute(REMOVE_OVERRIDE, {"id": override_id}).rowcount:
        raise NotFound("There is no override with that id.")
