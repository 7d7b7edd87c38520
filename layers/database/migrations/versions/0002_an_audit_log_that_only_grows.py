"""An audit log that only grows: the database itself denies changes of it.

An entry goes only with its whole workspace. Who owns the database can still take the triggers
away; then the chain of hashes shows what was changed.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQLITE_UP = (
    "CREATE TRIGGER audit_log_keeps_entries BEFORE UPDATE ON audit_log"
    " BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END",
    "CREATE TRIGGER audit_log_loses_none BEFORE DELETE ON audit_log"
    " WHEN EXISTS (SELECT 1 FROM workspaces WHERE id = OLD.workspace_id)"
    " BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END",
)
SQLITE_DOWN = (
    "DROP TRIGGER audit_log_keeps_entries",
    "DROP TRIGGER audit_log_loses_none",
)
POSTGRES_UP = (
    "CREATE FUNCTION audit_log_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$"
    " BEGIN"
    " IF TG_OP = 'DELETE' THEN"
    " IF NOT EXISTS (SELECT 1 FROM workspaces WHERE id = OLD.workspace_id) THEN"
    " RETURN OLD; END IF; END IF;"
    " RAISE EXCEPTION 'the audit log only grows';"
    " END $$",
    "CREATE TRIGGER audit_log_keeps_entries BEFORE UPDATE OR DELETE ON audit_log"
    " FOR EACH ROW EXECUTE FUNCTION audit_log_only_grows()",
    "CREATE TRIGGER audit_log_loses_none BEFORE TRUNCATE ON audit_log"
    " FOR EACH STATEMENT EXECUTE FUNCTION audit_log_only_grows()",
)
POSTGRES_DOWN = (
    "DROP TRIGGER audit_log_keeps_entries ON audit_log",
    "DROP TRIGGER audit_log_loses_none ON audit_log",
    "DROP FUNCTION audit_log_only_grows()",
)


def upgrade() -> None:
    """Apply."""
    for statement in SQLITE_UP if _is_sqlite() else POSTGRES_UP:
        op.execute(statement)


def downgrade() -> None:
    """Undo."""
    for statement in SQLITE_DOWN if _is_sqlite() else POSTGRES_DOWN:
        op.execute(statement)


def _is_sqlite() -> bool:
    return bool(op.get_bind().dialect.name == "sqlite")
