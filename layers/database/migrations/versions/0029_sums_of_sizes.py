"""Sums of what executions take, and what was used by the hour for all workspaces at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

NAMES = ("event_bytes", "step_bytes", "execution_bytes")


def upgrade() -> None:
    """Apply; what is measured already is added up."""
    op.create_table(
        "execution_size_totals",
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in NAMES),
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_execution_size_totals_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("pk_execution_size_totals")),
    )
    op.execute(
        "INSERT INTO execution_size_totals"
        " (workspace_id, event_bytes, step_bytes, execution_bytes)"
        " SELECT workspace_id, sum(event_bytes), sum(step_bytes), sum(execution_bytes)"
        " FROM execution_sizes GROUP BY workspace_id"
    )
    op.create_index("ix_usage_hours_meter_hour", "usage_hours", ["meter", "hour"])


def downgrade() -> None:
    """Undo; which executions are measured is seen by their sizes."""
    op.execute("DELETE FROM instance_facts WHERE name = 'executions_measured_to'")
    op.drop_index("ix_usage_hours_meter_hour", table_name="usage_hours")
    op.drop_table("execution_size_totals")
