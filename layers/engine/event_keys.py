"""Which keyed events were accepted already: a slim table that outlives events and executions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

WINDOW_S = 30 * 86_400.0
"""For so long after it was accepted, an event with the same key starts nothing."""
CLAIM = text(
    "INSERT INTO event_keys (source, dedup_key, workspace_id, execution_id, expires_at)"
    " VALUES (:source, :dedup_key, :workspace_id, :id, :key_expires_at)"
    " ON CONFLICT (source, dedup_key) DO UPDATE SET workspace_id = excluded.workspace_id,"
    " execution_id = excluded.execution_id, expires_at = excluded.expires_at"
    " WHERE event_keys.expires_at <= :now"
)
FIND = text("SELECT execution_id FROM event_keys WHERE source = :source AND dedup_key = :dedup_key")
FORGET = text(
    "DELETE FROM event_keys WHERE source = :source AND dedup_key = :dedup_key"
    " AND execution_id = :id"
)
EXPIRED = text("SELECT min(expires_at) FROM event_keys WHERE expires_at <= :now")
EXPIRE = text(
    "DELETE FROM event_keys WHERE (source, dedup_key) IN"
    " (SELECT source, dedup_key FROM event_keys WHERE expires_at <= :now"
    " ORDER BY expires_at LIMIT :limit)"
)


def claim(connection: Connection, row: Mapping[str, Any]) -> str:
    """The execution that a key stands for: the row's own where it is new or its window is over.

    ``row`` holds ``source``, ``dedup_key``, ``workspace_id``, the execution's ``id`` and ``now``.
    """
    values = {**row, "key_expires_at": row["now"] + WINDOW_S}
    if connection.execute(CLAIM, values).rowcount:
        return str(row["id"])
    return str(connection.execute(FIND, values).scalar_one())


def forget(connection: Connection, row: Mapping[str, Any]) -> None:
    """Give up a key whose event was not accepted after all."""
    connection.execute(FORGET, row)


def first_expired(connection: Connection, now: float) -> float | None:
    """When the first of the windows that are over ended, if any is."""
    first = connection.execute(EXPIRED, {"now": now}).scalar_one()
    return None if first is None else float(first)


def expire(connection: Connection, now: float, limit: int) -> int:
    """Delete at most ``limit`` keys whose window is over; returns how many."""
    return connection.execute(EXPIRE, {"now": now, "limit": limit}).rowcount
