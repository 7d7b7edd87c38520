"""Bring a database to a revision of its schema (Alembic)."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from layers.database.sessions import Database


def upgrade(database: Database, revision: str = "head") -> None:
    """Apply the migrations up to ``revision``; harmless when there is nothing to do."""
    with database.writing() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def downgrade(database: Database, revision: str) -> None:
    """Undo the migrations down to ``revision`` (``base`` for an empty database)."""
    with database.writing() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    return config
