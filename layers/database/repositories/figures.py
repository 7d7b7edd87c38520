"""Counts over the whole instance, for its operator."""

from __future__ import annotations

from sqlalchemy import Connection, text

BY_STATUS = text("SELECT status, count(*) FROM executions GROUP BY status")
QUEUED = text("SELECT count(*) FROM executions WHERE status = 'queued'")


def executions_by_status(connection: Connection) -> dict[str, int]:
    """How many executions there are in each state; reads them all."""
    return {status: int(count) for status, count in connection.execute(BY_STATUS)}


def queue_depth(connection: Connection) -> int:
    """How many executions wait for a worker; reads a small index."""
    return int(connection.execute(QUEUED).scalar_one())
