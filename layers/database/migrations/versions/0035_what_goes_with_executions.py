"""What belongs to executions goes with them, whoever deletes them, and by the set (PostgreSQL)."""

from __future__ import annotations

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

# Each was a statement of its own for each execution that is deleted, and a look for each row that
# is written. All are written by whoever holds or makes their execution.
FOREIGN_KEYS = (
    ("step_logs", "fk_step_logs_execution_id"),
    ("step_parts", "fk_step_parts_execution_id"),
    ("callbacks", "fk_callbacks_execution_id"),
    ("artifact_refs", "fk_artifact_refs_execution_id"),
    ("execution_sizes", "fk_execution_sizes_execution_id_executions"),
)
# By an array each is found by its index: joined with ``gone``, all steps were read for 1,000 ids.
WITH_EXECUTIONS = """
CREATE OR REPLACE FUNCTION delete_rows_of_executions() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  execution_ids text[];
  event_ids text[];
BEGIN
  SELECT array_agg(id), array_agg(event_id) INTO execution_ids, event_ids FROM gone;
  DELETE FROM events WHERE id = ANY(event_ids);
  DELETE FROM steps WHERE execution_id = ANY(execution_ids);
  DELETE FROM step_logs WHERE execution_id = ANY(execution_ids);
  DELETE FROM step_parts WHERE execution_id = ANY(execution_ids);
  DELETE FROM callbacks WHERE execution_id = ANY(execution_ids);
  DELETE FROM artifact_refs WHERE execution_id = ANY(execution_ids);
  DELETE FROM execution_sizes WHERE execution_id = ANY(execution_ids);
  RETURN NULL;
END $$
"""
WITH_EXECUTIONS_BEFORE = """
CREATE OR REPLACE FUNCTION delete_rows_of_executions() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  DELETE FROM steps USING gone WHERE steps.execution_id = gone.id;
  DELETE FROM events USING gone WHERE events.id = gone.event_id;
  RETURN NULL;
END $$
"""
SUBTRACT = """
CREATE FUNCTION subtract_execution_sizes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  UPDATE execution_size_totals t SET event_bytes = t.event_bytes - s.event_bytes,
    step_bytes = t.step_bytes - s.step_bytes, execution_bytes = t.execution_bytes - s.execution_bytes
  FROM (
    SELECT workspace_id, sum(event_bytes) AS event_bytes, sum(step_bytes) AS step_bytes,
      sum(execution_bytes) AS execution_bytes
    FROM gone GROUP BY workspace_id
  ) s WHERE s.workspace_id = t.workspace_id;
  RETURN NULL;
END $$
"""
SUBTRACT_TRIGGER = """
CREATE TRIGGER subtract_execution_sizes AFTER DELETE ON execution_sizes
REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION subtract_execution_sizes()
"""
ON_SQLITE = (
    """
    CREATE TRIGGER delete_event_of_execution AFTER DELETE ON executions BEGIN
      DELETE FROM events WHERE id = OLD.event_id;
    END
    """,
    """
    CREATE TRIGGER subtract_execution_size AFTER DELETE ON execution_sizes BEGIN
      UPDATE execution_size_totals SET event_bytes = event_bytes - OLD.event_bytes,
        step_bytes = step_bytes - OLD.step_bytes,
        execution_bytes = execution_bytes - OLD.execution_bytes
      WHERE workspace_id = OLD.workspace_id;
    END
    """,
)
# Whoever deleted a workflow left these behind: events (SQLite), and too much in the sums.
LEFT_BEHIND = (
    "DELETE FROM events WHERE NOT EXISTS"
    " (SELECT 1 FROM executions e WHERE e.id = events.execution_id)",
    "DELETE FROM execution_size_totals",
    "INSERT INTO execution_size_totals (workspace_id, event_bytes, step_bytes, execution_bytes)"
    " SELECT workspace_id, sum(event_bytes), sum(step_bytes), sum(execution_bytes)"
    " FROM execution_sizes GROUP BY workspace_id",
)


def upgrade() -> None:
    """Apply."""
    for statement in LEFT_BEHIND:
        op.execute(statement)
    if op.get_context().dialect.name == "sqlite":
        for trigger in ON_SQLITE:
            op.execute(trigger)
        return
    for table, name in FOREIGN_KEYS:
        op.drop_constraint(name, table, type_="foreignkey")
    for statement in (WITH_EXECUTIONS, SUBTRACT, SUBTRACT_TRIGGER):
        op.execute(statement)


def downgrade() -> None:
    """Undo."""
    if op.get_context().dialect.name == "sqlite":
        op.execute("DROP TRIGGER delete_event_of_execution")
        op.execute("DROP TRIGGER subtract_execution_size")
        return
    op.execute("DROP TRIGGER subtract_execution_sizes ON execution_sizes")
    op.execute("DROP FUNCTION subtract_execution_sizes()")
    op.execute(WITH_EXECUTIONS_BEFORE)
    for table, name in FOREIGN_KEYS:
        op.create_foreign_key(
            name, table, "executions", ["execution_id"], ["id"], ondelete="CASCADE"
        )
