"""What a workspace chose: what happens at limits, caps, and which alerts go by mail."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text

from billing.overage.terms import keep_terms
from layers import jsontext

STORE = text(
    "UPDATE billing_accounts SET at_limit = :at_limit, overage_caps = :overage_caps,"
    " alert_preferences = :alert_preferences WHERE workspace_id = :workspace_id"
)


def store_preferences(
    connection: Connection, workspace_id: str, chosen: dict[str, dict[str, Any]], now: float
) -> None:
    """Keep ``at_limit``, ``overage_caps`` and ``alert_preferences``."""
    values = {name: jsontext.dumps(value) for name, value in chosen.items()}
    connection.execute(STORE, {**values, "workspace_id": workspace_id})
    keep_terms(connection, workspace_id, now)
