"""What a workspace is told: once, in the app and by mail, as its preferences say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, text

from layers import jsontext
from layers.database.changes import Kind, note_lists
from layers.ids import new_id

KINDS: dict[str, str] = {
    "usage": "A limit is half used, nearly used up, or reached",
    "payment_failed": "A payment failed",
    "payment_action_required": "A payment needs the bank's consent",
    "invoice_due": "An invoice is to be paid by bank transfer",
    "change_dropped": "A change of the plan was not paid, and is dropped",
    "refund": "Something was paid back or credited",
    "card_expiring": "A card expires soon",
    "trial_ending": "A trial ends soon",
    "unusual_spend": "Much more is used than usual",
    "above_limits": "More is active than the plan includes",
    "credits": "Prepaid credits are nearly used up, or expire soon",
    "subscription": "The subscription began, changed or ended",
}
"""Every kind of alert, in words."""

INSERT = text(
    "INSERT INTO billing_alerts (id, workspace_id, kind, key, level, detail, created_at,"
    " mail_state, mail_attempts, mail_due_at) VALUES (:id, :workspace_id, :kind, :key, :level,"
    " :detail, :now, :mail_state, 0, :now) ON CONFLICT (workspace_id, key) DO NOTHING"
)
RESOLVE = text(
    "UPDATE billing_alerts SET resolved_at = :now WHERE workspace_id = :workspace_id"
    " AND key = :key AND resolved_at IS NULL"
)
OPEN = text(
    "SELECT key, kind, detail FROM billing_alerts WHERE workspace_id = :workspace_id"
    " AND kind = :kind AND resolved_at IS NULL"
)
REOPEN = text(
    "UPDATE billing_alerts SET resolved_at = NULL, dismissed_at = NULL, detail = :detail,"
    " created_at = :now, mail_state = :mail_state, mail_attempts = 0, mail_due_at = :now"
    " WHERE workspace_id = :workspace_id AND key = :key AND resolved_at IS NOT NULL"
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
    again: bool = False
    """Whether it is told once more when it had ended and is so again."""


def open_alerts(connection: Connection, workspace_id: str, kind: str) -> Sequence[Row[Any]]:
    """What was told and is still so: rows of ``key``, ``kind`` and ``detail`` (JSON)."""
    return connection.execute(OPEN, {"workspace_id": workspace_id, "kind": kind}).all()


def resolve(connection: Connection, workspace_id: str, key: str, now: float) -> bool:
    """Note that what was told is no longer so; says whether that is new."""
    values = {"workspace_id": workspace_id, "key": key, "now": now}
    is_new = bool(connection.execute(RESOLVE, values).rowcount)
    if is_new:
        note_lists(connection, Kind.BILLING, [workspace_id])
    return is_new


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
    is_new = bool(connection.execute(INSERT, values).rowcount)
    if not is_new and alert.again:
        is_new = bool(connection.execute(REOPEN, values).rowcount)
    if is_new:
        note_lists(connection, Kind.BILLING, [alert.workspace_id])
    return is_new
