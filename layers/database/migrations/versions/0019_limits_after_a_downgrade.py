"""Limits after a downgrade: what is chosen and scheduled, who is suspended, what is stored."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

ACCOUNT = (
    ("schedule_id", sa.Text()),
    ("scheduled_plan", sa.Text()),
    ("scheduled_interval", sa.Text()),
    ("scheduled_seats", sa.Integer()),
    ("scheduled_at", sa.Float(precision=53)),
    ("downgrade_choice", sa.Text()),
    ("above_limits_since", sa.Float(precision=53)),
)


def upgrade() -> None:
    """Apply. Alerts that were told so far count as open."""
    for name, kind in ACCOUNT:
        op.add_column("billing_accounts", sa.Column(name, kind, nullable=True))
    op.add_column("billing_alerts", sa.Column("resolved_at", sa.Float(precision=53), nullable=True))
    op.add_column("memberships", sa.Column("suspended_at", sa.Float(precision=53), nullable=True))
    op.create_table(
        "execution_sizes",
        sa.Column("execution_id", sa.String(length=36), nullable=False),
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.Column("event_bytes", sa.BigInteger(), nullable=False),
        sa.Column("step_bytes", sa.BigInteger(), nullable=False),
        sa.Column("execution_bytes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["execution_id"],
            ["executions.id"],
            name=op.f("fk_execution_sizes_execution_id_executions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_execution_sizes_workspace_id_workspaces"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("execution_id", name=op.f("pk_execution_sizes")),
    )
    op.create_table(
        "stored_sizes",
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("measured_at", sa.Float(precision=53), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_stored_sizes_workspace_id_workspaces"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "kind", name=op.f("pk_stored_sizes")),
    )


def downgrade() -> None:
    """Undo. Who was suspended is a member again."""
    op.drop_table("stored_sizes")
    op.drop_table("execution_sizes")
    op.drop_column("memberships", "suspended_at")
    op.drop_column("billing_alerts", "resolved_at")
    for name, _kind in reversed(ACCOUNT):
        op.drop_column("billing_accounts", name)
