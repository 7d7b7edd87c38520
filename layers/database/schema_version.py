"""Which schema a database has, asked without loading the migration tool."""

from __future__ import annotations

from sqlalchemy import inspect, text

from layers.database.sessions import Database

HEAD = "0036"
"""The newest migration; a test compares it with the folder of migrations."""


def is_current(database: Database) -> bool:
    """Say whether the schema is the one that this code was written for."""
    with database.reading() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        found = connection.execute(text("SELECT version_num FROM alembic_version"))
        return [row.version_num for row in found] == [HEAD]
