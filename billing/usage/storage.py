"""What is stored by each workspace, measured once an hour: byte-hours for the ledger."""

from __future__ import annotations

from sqlalchemy import Connection, text

from billing.usage.ledger import HOUR_S, record
from layers.engine.metering import Usage

METER = "storage_byte_hours"
STORED = text(
    "SELECT workspace_id, sum(bytes) AS bytes FROM ("
    " SELECT workspace_id, coalesce(length(payload), 0) AS bytes FROM events"
    " UNION ALL SELECT workspace_id, coalesce(length(output), 0) + coalesce(length(logs), 0)"
    " FROM steps"
    " UNION ALL SELECT workspace_id, coalesce(length(output), 0) + coalesce(length(errors), 0)"
    " FROM step_parts) AS kept GROUP BY workspace_id"
)
LAST = text(
    "SELECT quantity FROM usage_ledger WHERE workspace_id = :workspace_id"
    " AND meter = 'storage_byte_hours' AND occurred_at > :since ORDER BY occurred_at DESC LIMIT 1"
)


def stored_in_database(connection: Connection) -> dict[str, int]:
    """How many bytes of events, outputs and logs each workspace has; reads all of them."""
    return {row.workspace_id: int(row.bytes) for row in connection.execute(STORED)}


def measure_storage(connection: Connection, stored: dict[str, int], now: float) -> int:
    """Write down how many bytes each workspace stores.

    Once an hour, however many schedulers do it; returns for how many workspaces.
    """
    hour = int(now // HOUR_S) * HOUR_S
    usages = [
        Usage(workspace_id, METER, f"storage:{hour}", size, now)
        for workspace_id, size in sorted(stored.items())
        if size
    ]
    if usages:
        record(connection, usages, now)
    return len(usages)


def stored_bytes(connection: Connection, workspace_id: str, now: float) -> int:
    """What a workspace stored when it was measured last."""
    values = {"workspace_id": workspace_id, "since": now - 2 * HOUR_S}
    return int(connection.execute(LAST, values).scalar_one_or_none() or 0)
