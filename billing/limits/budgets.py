"""A workspace's budgets: listed, made and taken away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, text

from layers.errors import NotFound
from layers.ids import new_id

BUDGETS = text("SELECT * FROM budgets WHERE workspace_id = :workspace_id ORDER BY created_at, id")
ADD_BUDGET = text(
    "INSERT INTO budgets (id, workspace_id, workflow_id, scope, meter, amount, created_at)"
    " VALUES (:id, :workspace_id, :workflow_id, :scope, :meter, :amount, :now)"
)
REMOVE_BUDGET = text("DELETE FROM budgets WHERE workspace_id = :workspace_id AND id = :id")


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
