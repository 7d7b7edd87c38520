"""The database: state of record, on SQLite or PostgreSQL."""

from layers.database.sessions import Database
from layers.database.writer import GroupWriter, Write

__all__ = ["Database", "GroupWriter", "Write"]
