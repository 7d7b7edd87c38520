"""Whether somebody waits for a lock of PostgreSQL."""

from __future__ import annotations

from sqlalchemy import text

from layers.database import Database

WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def waits_for_a_lock(database: Database) -> bool:
    """Whether any connection to this database waits for another one's lock."""
    with database.asking() as connection:
        return bool(connection.execute(WAITING).scalar_one())
