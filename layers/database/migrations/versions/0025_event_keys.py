"""Keys of events in a table of their own: events go with their executions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

WINDOW_S = 30 * 86_400


def upgrade() -> None:
    """Apply. An event without a key of its own has its execution's id for one."""
    op.create_table(
        "event_keys",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("dedup_key", sa.Text(), nullable=False),
        sa.Column("execution_id", sa.String(length=36), nullable=False),
        sa.Column("expires_at", sa.Float(precision=53), nullable=False),
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_event_keys_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("source", "dedup_key", name=op.f("pk_event_keys")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_event_keys_expires_at", "event_keys", ["expires_at"])
    op.execute(
        "INSERT INTO event_keys (source, dedup_key, execution_id, expires_at, workspace_id)"  # noqa: S608 - a number
        f" SELECT source, dedup_key, execution_id, received_at + {WINDOW_S}, workspace_id"
        " FROM events WHERE dedup_key <> execution_id"
    )
    op.execute(
        "DELETE FROM events WHERE NOT EXISTS"
        " (SELECT 1 FROM executions x WHERE x.id = events.execution_id)"
    )
    with op.batch_alter_table("events") as batch:
        batch.drop_constraint(batch.f("uq_events_source_dedup_key"), type_="unique")


def downgrade() -> None:
    """Undo. A key whose event is gone stands in an empty one again."""
    op.execute(
        "UPDATE events SET dedup_key = execution_id WHERE dedup_key <> execution_id"
        " AND NOT EXISTS (SELECT 1 FROM event_keys k WHERE k.source = events.source"
        " AND k.dedup_key = events.dedup_key AND k.execution_id = events.execution_id)"
    )
    op.execute(
        "INSERT INTO events (id, execution_id, source, dedup_key, received_at, workspace_id)"  # noqa: S608 - a number
        f" SELECT execution_id, execution_id, source, dedup_key, expires_at - {WINDOW_S},"
        " workspace_id FROM event_keys k WHERE NOT EXISTS"
        " (SELECT 1 FROM events e WHERE e.execution_id = k.execution_id)"
    )
    with op.batch_alter_table("events") as batch:
        batch.create_unique_constraint(
            batch.f("uq_events_source_dedup_key"), ["source", "dedup_key"]
        )
    op.drop_index("ix_event_keys_expires_at", table_name="event_keys")
    op.drop_table("event_keys")
