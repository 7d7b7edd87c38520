"""What somebody does who owns the database and wants to change what happened."""

from __future__ import annotations

from sqlalchemy import Connection, text

SQLITE = (
    "DROP TRIGGER audit_log_keeps_entries",
    "DROP TRIGGER audit_log_loses_none",
)
POSTGRES = ("ALTER TABLE audit_log DISABLE TRIGGER USER",)


def change_audit_log(connection: Connection, change: str) -> None:
    """Change the audit log by an SQL statement, guards or not."""
    is_sqlite = connection.dialect.name == "sqlite"
    for statement in (*(SQLITE if is_sqlite else POSTGRES), change):
        connection.execute(text(statement))
