"""Triggers that may listen, what they hold at providers, and jobs that one scheduler does."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

MOMENT = sa.Float(precision=53)
NUMBERS = ("nudges", "listen_epoch", "listen_failures")
TEXTS = ("log", "acquired", "listen_owner", "listen_error")
MOMENTS = ("not_before", "listen_due_at")


def upgrade() -> None:
    """Apply; what somebody polls just now is due when their lease ends, as is so from now on."""
    for name in NUMBERS:
        column = sa.Column(name, sa.Integer(), server_default="0", nullable=False)
        op.add_column("triggers", column)
    for name in TEXTS:
        op.add_column("triggers", sa.Column(name, sa.Text(), nullable=True))
    for name in MOMENTS:
        op.add_column("triggers", sa.Column(name, MOMENT, nullable=True))
    op.execute("UPDATE triggers SET due_at = NULL WHERE state = 'stopped'")
    op.execute(
        "UPDATE triggers SET due_at = lease_until"
        " WHERE lease_owner IS NOT NULL AND due_at IS NOT NULL"
    )
    op.drop_index("ix_triggers_due", table_name="triggers")
    op.drop_column("triggers", "lease_until")
    _index("ix_triggers_due", "triggers", "due_at")
    _index("ix_triggers_listen_due", "triggers", "listen_due_at")
    _create_acquisitions()
    op.create_table(
        "housekeeping_jobs",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", MOMENT, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("succeeded_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_housekeeping_jobs")),
    )


def _create_acquisitions() -> None:
    op.create_table(
        "trigger_acquisitions",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("workspace_id", sa.String(36), nullable=False),
        sa.Column("workflow_id", sa.String(36), nullable=False),
        sa.Column("trigger_id", sa.String(36), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("credential_id", sa.String(36), nullable=True),
        sa.Column("route", sa.Text(), nullable=True),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("acquired", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_trigger_acquisitions_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trigger_acquisitions")),
    )
    op.create_index(
        op.f("ix_trigger_acquisitions_trigger_id"), "trigger_acquisitions", ["trigger_id"]
    )
    _index("ix_trigger_acquisitions_due", "trigger_acquisitions", "due_at")


def _index(name: str, table: str, column: str) -> None:
    where = sa.text(f"{column} IS NOT NULL")
    op.create_index(name, table, [column], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Undo; what is held at providers is forgotten there."""
    op.drop_table("housekeeping_jobs")
    op.drop_table("trigger_acquisitions")
    op.drop_index("ix_triggers_listen_due", table_name="triggers")
    op.drop_index("ix_triggers_due", table_name="triggers")
    op.execute("UPDATE triggers SET state = 'degraded' WHERE state = 'needs_attention'")
    op.execute("UPDATE triggers SET lease_owner = NULL")
    for name in (*NUMBERS, *TEXTS, *MOMENTS):
        op.drop_column("triggers", name)
    op.add_column("triggers", sa.Column("lease_until", MOMENT, nullable=True))
    op.create_index("ix_triggers_due", "triggers", ["state", "due_at"])
