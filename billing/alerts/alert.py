"""What a workspace is told: once, in the app and by mail, as its preferences say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from layers import jsontext
from layers.ids import new_id

KINDS: dict[str, str] = {
    "usage": "A limit is half used, nearly used up, or reached",
    "payment_failed": "A payment failed",
    "card_expiring": "A card expires soon",
    "trial_ending": "A trial ends soon",
    "unusual_spend": "Much more is used than usual",
    "subscription": "The subscription began, changed or ended",
}
"""Every kind of alert, in words."""

INSERT = text(
    "INSERT INTO billing_alerts (id, workspace_id, kind, key, level, detail, created_at,"
    " mail_state, mail_attempts, mail_due_at) VALUES (:id, :workspace_id, :kind, :key, :level,"
    " :detail, :now, :mail_state, 0, :now) ON CONFLICT (workspace_id, key) DO NOTHING"
)
PREFERENCES = text(
    "SELECT alert_preferences FROM billing_accounts WHERE workspace_id = :workspace_id"
)


@dataclass(frozen=True)
class Alert:
    """What is to be told. ``key`` is unique in the workspace; ``level`` is info, warning, error."""

    workspace_id: str
    kind: str
    key: str
    level: str
    detail: Mapping[str, Any]


def raise_alert(connection: Connection, alert: Alert, now: float) -> bool:
    """Tell it, unless it was told already; says whether it is new."""
    found = connection.execute(PREFERENCES, {"workspace_id": alert.workspace_id})
    preferences = jsontext.loads(found.scalar_one_or_none() or "{}")
    values = {
        "id": new_id(),
        "workspace_id": alert.workspace_id,
        "kind": alert.kind,
        "key": alert.key,
        "level": alert.level,
        "detail": jsontext.dumps(dict(alert.detail)),
        "now": now,
        "mail_state": "pending" if preferences.get(alert.kind, True) else "off",
    }
    return bool(connection.execute(INSERT, values).rowcount)
