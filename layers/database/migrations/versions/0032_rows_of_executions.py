"""Rows of executions are checked by who writes them, and go with them by the set (PostgreSQL)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

# Each was a statement of its own for each row. Steps and events are written by whoever holds or
# makes their execution, and an execution's workspace is its workflow's.
FOREIGN_KEYS = (
    ("steps", "execution_id", "executions"),
    ("steps", "workspace_id", "workspaces"),
    ("events", "workspace_id", "workspaces"),
    ("executions", "workspace_id", "workspaces"),
)
FUNCTION = """
CREATE FUNCTION delete_rows_of_executions() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  DELETE FROM steps USING gone WHERE steps.execution_id = gone.id;
  DELETE FROM events USING gone WHERE events.id = gone.event_id;
  RETURN NULL;
END $$
"""
TRIGGER = """
CREATE TRIGGER delete_rows_of_executions AFTER DELETE ON executions
REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION delete_rows_of_executions()
"""


def upgrade() -> None:
    """Apply. SQLite checks within the process, which costs next to nothing."""
    waiting = sa.text("status = 'waiting'")
    op.create_index(
        "ix_executions_waiting",
        "executions",
        ["id"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    if op.get_context().dialect.name == "sqlite":
        return
    for table, column, _other in FOREIGN_KEYS:
        op.drop_constraint(f"fk_{table}_{column}", table, type_="foreignkey")
    op.execute(FUNCTION)
    op.execute(TRIGGER)


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_executions_waiting", table_name="executions")
    if op.get_context().dialect.name == "sqlite":
        return
    op.execute("DROP TRIGGER delete_rows_of_executions ON executions")
    op.execute("DROP FUNCTION delete_rows_of_executions()")
    for table, column, other in FOREIGN_KEYS:
        op.create_foreign_key(
            f"fk_{table}_{column}", table, other, [column], ["id"], ondelete="CASCADE"
        )
