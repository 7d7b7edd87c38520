"""Alerts, budgets and overrides of a workspace: read, made and taken away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import Connection, Row, RowMapping, text

from layers.errors import NotFound
from layers.ids import new_id

ALERTS = text(
    "SELECT * FROM billing_alerts WHERE workspace_id = :workspace_id"
    " ORDER BY CASE WHEN resolved_at IS NULL THEN 0 ELSE 1 END, created_at DESC, id DESC"
    " LIMIT 100"
)
DISMISS = text(
    "UPDATE billing_alerts SET dismissed_at = :now WHERE workspace_id = :workspace_id"
    " AND id = :id AND dismissed_at IS NULL"
)
ALERT = text("SELECT id FROM billing_alerts WHERE workspace_id = :workspace_id AND id = :id")
BUDGETS = text("SELECT * FROM budgets WHERE workspace_id = :workspace_id ORDER BY created_at, id")
ADD_BUDGET = text(
    "INSERT INTO budgets (id, workspace_id, workflow_id, scope, meter, amount, created_at)"
    " VALUES (:id, :workspace_id, :workflow_id, :scope, :meter, :amount, :now)"
)
REMOVE_BUDGET = text("DELETE FROM budgets WHERE workspace_id = :workspace_id AND id = :id")
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


def alerts_of(connection: Connection, workspace_id: str) -> Sequence[Row[Any]]:
    """The newest alerts, those that are still so first."""
    return connection.execute(ALERTS, {"workspace_id": workspace_id}).all()


def dismiss(connection: Connection, workspace_id: str, alert_id: str, now: float) -> None:
    """Take an alert out of sight; raises NotFound."""
    values = {"workspace_id": workspace_id, "id": alert_id, "now": now}
    if connection.execute(ALERT, values).one_or_none() is None:
        raise NotFound
    connection.execute(DISMISS, values)


def budgets_of(connection: Connection, workspace_id: str) -> Sequence[Row[Any]]:
    """All budgets."""
    return connection.execute(BUDGETS, {"workspace_id": workspace_id}).all()


def add_budget(connection: Connection, values: dict[str, Any]) -> str:
    """Make a budget; returns its id."""
    budget_id = new_id()
    connection.execute(ADD_BUDGET, {**values, "id": budget_id})
    return budget_id


def remove_budget(connection: Connection, workspace_id: str, budget_id: str) -> None:
    """Take a budget away; raises NotFound."""
    values = {"workspace_id": workspace_id, "id": budget_id}
    if not connection.execute(REMOVE_BUDGET, values).rowcount:
        raise NotFound


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
