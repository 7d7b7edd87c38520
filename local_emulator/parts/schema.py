"""Brings the database to the schema that this code needs."""

from __future__ import annotations

from layers.database import Database
from layers.database.migrate import is_current, upgrade
from layers.log import logger
from layers.settings import Settings


def migrate(settings: Settings) -> bool:
    """Apply what is missing; False when there was nothing to do."""
    database = Database(settings.storage.database_url)
    try:
        if is_current(database):
            return False
        upgrade(database)
        logger("database").info("The schema is up to date now.")
        return True
    finally:
        database.close()
