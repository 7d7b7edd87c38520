"""Executions that were kept when the plan had no room: run them as soon as there is some."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, text

from billing.limits.admission import usage_of
from billing.limits.entitlements import Entitlements, entitlements_of
from billing.usage.ledger import record, used_in
from layers.database.changes import Kind, note_lists
from layers.engine.metering import EXECUTIONS, Start
from layers.engine.wake import lock
from layers.settings import BillingMode, BillingSettings

AT_ONCE = 500
WORKSPACES = text(
    "SELECT DISTINCT workspace_id FROM executions WHERE held_for IS NOT NULL AND status = 'queued'"
)
ANY_WAITS = "EXISTS (SELECT 1 FROM executions WHERE held_for IS NOT NULL AND status = 'queued')"
"""SQL: whether ``release`` may find something in any workspace."""
COUNT = text(
    "SELECT count(*) FROM executions WHERE workspace_id = :workspace_id"
    " AND held_for IS NOT NULL AND status = 'queued'"
)
OLDEST = text(
    "SELECT id, workflow_id FROM executions WHERE workspace_id = :workspace_id"
    " AND held_for IS NOT NULL AND status = 'queued' ORDER BY id LIMIT :limit"
)
RELEASE = text(
    "UPDATE executions SET held_for = NULL, due_at = :now"
    " WHERE id IN :ids AND held_for IS NOT NULL AND status = 'queued' RETURNING id"
).bindparams(bindparam("ids", expanding=True))


def workspaces_on_hold(connection: Connection) -> list[str]:
    """The workspaces that have executions which wait for their plan."""
    return [row.workspace_id for row in connection.execute(WORKSPACES)]


def number_on_hold(connection: Connection, workspace_id: str) -> int:
    """How many executions of a workspace wait for its plan."""
    return int(connection.execute(COUNT, {"workspace_id": workspace_id}).scalar_one())


def release(
    connection: Connection, settings: BillingSettings, workspace_id: str, now: float
) -> list[str]:
    """Let the oldest kept executions run, as many as there is room for; returns their ids.

    At most ``AT_ONCE`` in one transaction. They count in the month in which they begin to run.
    """
    limit = AT_ONCE
    granted: dict[str, Entitlements] = {}
    if settings.mode is not BillingMode.OFF:
        held = entitlements_of(connection, settings, workspace_id, now)
        granted[workspace_id] = held
        ceiling = held.ceiling(EXECUTIONS)
        if ceiling is not None:
            used = used_in(connection, workspace_id, EXECUTIONS, held.period, lock=True)
            limit = min(limit, max(0, ceiling - used))
    if not limit:
        return []
    oldest = connection.execute(OLDEST, {"workspace_id": workspace_id, "limit": limit}).all()
    workflow_of = {row.id: row.workflow_id for row in oldest}
    if not workflow_of:
        return []
    lock(connection, workflow_of)
    rows = connection.execute(RELEASE, {"ids": list(workflow_of), "now": now})
    ids = sorted(row.id for row in rows)
    if ids:
        note_lists(connection, Kind.EXECUTIONS, [workspace_id])
    starts = [Start(workspace_id, workflow_of[name], name, now, may_wait=True) for name in ids]
    if starts and settings.mode is not BillingMode.OFF:
        record(connection, [usage_of(start) for start in starts], now, granted)
    return ids
