"""Indexes for lists by status, for the newest ends and for budgets; totals that never fall."""

from __future__ import annotations

import time

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

UNSUCCESSFUL = sa.text("status <> 'succeeded'")
BUDGETED = sa.text("meter IN ('ai_cost', 'ai_input_tokens', 'ai_output_tokens', 'sandbox_cpu_ms')")


def upgrade() -> None:
    """Apply."""
    for owner in ("workspace", "workflow"):
        op.create_index(
            f"ix_executions_{owner}_status",
            "executions",
            [f"{owner}_id", "status", "id"],
            sqlite_where=UNSUCCESSFUL,
            postgresql_where=UNSUCCESSFUL,
        )
    op.create_index("ix_executions_finished_at", "executions", ["finished_at"])
    op.create_table(
        "instance_totals",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("counted_to", sa.Float(precision=53), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_instance_totals")),
    )
    now = time.time()
    add = sa.text(
        "INSERT INTO instance_totals (name, number, counted_to)"
        " SELECT :name, count(*), :now FROM executions WHERE :name IN ('accepted', status)"
    ).bindparams(sa.bindparam("name", type_=sa.Text()), sa.bindparam("now", type_=sa.Float(53)))
    for name in ("accepted", "succeeded", "failed", "cancelled"):
        op.get_bind().execute(add, {"name": name, "now": now})
    op.create_index(
        "ix_usage_ledger_budgeted",
        "usage_ledger",
        ["execution_id"],
        sqlite_where=BUDGETED,
        postgresql_where=BUDGETED,
    )


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_usage_ledger_budgeted", table_name="usage_ledger")
    op.drop_table("instance_totals")
    op.drop_index("ix_executions_finished_at", table_name="executions")
    for owner in ("workflow", "workspace"):
        op.drop_index(f"ix_executions_{owner}_status", table_name="executions")
