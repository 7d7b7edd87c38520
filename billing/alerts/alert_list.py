"""A workspace's alerts: listed, and dismissed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, text

from layers.errors import NotFound

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


def alerts_of(connection: Connection, workspace_id: str) -> Sequence[Row[Any]]:
    """The newest alerts, those that are still so first."""
    return connection.execute(ALERTS, {"workspace_id": workspace_id}).all()


def dismiss(connection: Connection, workspace_id: str, alert_id: str, now: float) -> None:
    """Take an alert out of sight; raises NotFound."""
    values = {"workspace_id": workspace_id, "id": alert_id, "now": now}
    if connection.execute(ALERT, values).one_or_none() is None:
        raise NotFound
    connection.execute(DISMISS, values)
