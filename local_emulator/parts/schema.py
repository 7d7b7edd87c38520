"""Brings the database to the schema that this code needs."""

from __future__ import annotations

from layers.database import Database
from layers.database.schema_version import is_current
from layers.log import logger
from layers.settings import Settings


def migrate(settings: Settings) -> bool:
    """Apply what is missing; False when there was nothing to do."""
    database = Database(settings.storage.database_url)
    try:
        if is_current(database):
            return False
        # Loaded only when there is something to do: it is a good part of the start.
        from layers.database.migrate import upgrade

        upgrade(database)
        logger("database").info("The schema is up to date now.")
        return True
    finally:
        database.close()
