"""Which trigger is polled by whom: a lease with an epoch, as executions have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, text

from layers import jsontext
from layers.contract import Poll
from layers.engine.accept import Accepted, Incoming, accept
from layers.engine.item_codec import encode_items
from layers.engine.metering import Meter

DUE = text(
    "SELECT id FROM triggers WHERE state <> 'stopped' AND due_at IS NOT NULL AND due_at <= :due_by"
    " AND (lease_until IS NULL OR lease_until <= :now) ORDER BY due_at LIMIT :limit"
)
CLAIM = text(
    "UPDATE triggers SET lease_owner = :owner, lease_until = :until, epoch = epoch + 1"
    " WHERE id = :id AND state <> 'stopped' AND due_at <= :due_by"
    " AND (lease_until IS NULL OR lease_until <= :now)"
)
READ = text("SELECT * FROM triggers WHERE id = :id")
HELD = text(
    "SELECT id FROM triggers WHERE id = :id AND epoch = :epoch AND state <> 'stopped'"
    " AND version_id = :version_id"
)
STORE = text(
    "UPDATE triggers SET cursor = :cursor, due_at = :due_at, lease_owner = NULL,"
    " lease_until = NULL, state = 'listening', error = NULL, failures = 0,"
    " last_check_at = :now, last_event_at = coalesce(:event_at, last_event_at)"
    " WHERE id = :id AND epoch = :epoch"
)
FAIL = text(
    "UPDATE triggers SET due_at = :due_at, lease_owner = NULL, lease_until = NULL,"
    " state = 'degraded', error = :error, failures = failures + 1, last_check_at = :now"
    " WHERE id = :id AND epoch = :epoch"
)
LET_GO = text(
    "UPDATE triggers SET lease_owner = NULL, lease_until = NULL WHERE id = :id AND epoch = :epoch"
)
RELEASE = text(
    "UPDATE triggers SET lease_owner = NULL, lease_until = NULL"
    " WHERE substr(lease_owner, 1, :length) = :beginning"
)
NEXT_DUE = text("SELECT min(due_at) FROM triggers WHERE state <> 'stopped'")


def release(connection: Connection, beginning: str) -> int:
    """Give up the claims of owners whose name begins so: a dead predecessor's, or one's own.

    Safe because of the epoch: a poll that still goes on stores nothing once somebody else has
    claimed its trigger.
    """
    values = {"beginning": beginning, "length": len(beginning)}
    return connection.execute(RELEASE, values).rowcount


def claim(
    connection: Connection,
    owner: str,
    now: float,
    lease_s: float,
    limit: int,
    due_by: float | None = None,
) -> list[Any]:
    """Take triggers that nobody else polls and that are due by ``due_by``, if not now.

    Returns their rows.
    """
    when = {"now": now, "due_by": now if due_by is None else due_by}
    claimed = []
    due = connection.execute(DUE, {**when, "limit": limit}).all()
    for row in due:
        values = {"id": row.id, "owner": owner, "until": now + lease_s, **when}
        if connection.execute(CLAIM, values).rowcount:
            claimed.append(connection.execute(READ, {"id": row.id}).one())
    return claimed


def next_due(connection: Connection) -> float | None:
    """When the next trigger is due, or None if none ever is."""
    found: float | None = connection.execute(NEXT_DUE).scalar_one()
    return found


def store(
    connection: Connection,
    row: Any,
    polled: Poll,
    now: float,
    max_concurrency: int | None,
    meter: Meter,
) -> Sequence[Accepted]:
    """Write events, executions and cursor in one transaction; nothing if the claim was lost.

    An event whose key was seen before starts nothing.
    """
    held = connection.execute(
        HELD, {"id": row.id, "epoch": row.epoch, "version_id": row.version_id}
    ).one_or_none()
    if held is None:
        connection.execute(LET_GO, {"id": row.id, "epoch": row.epoch})
        return []
    accepted = accept(
        connection,
        [
            Incoming(
                workspace_id=row.workspace_id,
                workflow_id=row.workflow_id,
                version_id=row.version_id,
                source=row.id,
                dedup_key=event.key,
                payload=encode_items(event.items),
                now=now,
                trigger_node_id=row.node_id,
                max_concurrency=max_concurrency,
            )
            for event in polled.events
        ],
        meter,
    )
    connection.execute(
        STORE,
        {
            "id": row.id,
            "epoch": row.epoch,
            "cursor": jsontext.dumps(polled.cursor),
            "due_at": polled.next_at,
            "now": now,
            "event_at": now if polled.events else None,
        },
    )
    return accepted


def fail(connection: Connection, row: Any, message: str, now: float, due_at: float) -> None:
    """Note that a poll failed; the cursor stays where it was."""
    connection.execute(
        FAIL,
        {
            "id": row.id,
            "epoch": row.epoch,
            "error": jsontext.dumps({"message": message}),
            "now": now,
            "due_at": due_at,
        },
    )
