"""Bring a database to a revision of its schema (Alembic)."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from layers.database.sessions import Database


def upgrade(database: Database, revision: str = "head") -> None:
    """Apply the migrations up to ``revision``; harmless when there is nothing to do."""
    with database.writing() as connection:
        _without_limit(connection)
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def downgrade(database: Database, revision: str) -> None:
    """Undo the migrations down to ``revision`` (``base`` for an empty database)."""
    with database.writing() as connection:
        _without_limit(connection)
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def _without_limit(connection: Connection) -> None:
    """A large table may take its time."""
    if connection.dialect.name != "sqlite":
        connection.execute(text("SET LOCAL statement_timeout = 0"))


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    return config
