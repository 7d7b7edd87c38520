"""Brings the database to the schema that this code needs, and ends."""

from __future__ import annotations

from layers.database import Database
from layers.database.migrate import is_current, upgrade
from layers.log import logger
from layers.settings import Settings
from local_emulator.parts.edge import run


def migrate(settings: Settings) -> bool:
    """Apply what is missing; False when there was nothing to do."""
    database = Database(settings.storage.database_url)
    try:
        if is_current(database):
            return False
        upgrade(database)
        return True
    finally:
        database.close()


def _main(settings: Settings) -> None:
    if migrate(settings):
        logger("database").info("The schema is up to date now.")


if __name__ == "__main__":
    run(_main)
