"""One end for each wait: a call, its deadline, or a person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

OF_A_WAIT = sa.text("run_index IS NOT NULL")


def upgrade() -> None:
    """Apply."""
    op.add_column("callbacks", sa.Column("run_index", sa.Integer(), nullable=True))
    op.add_column(
        "callbacks", sa.Column("source", sa.Text(), nullable=False, server_default="call")
    )
    op.create_index(
        "ux_callbacks_wait",
        "callbacks",
        ["execution_id", "node_id", "run_index"],
        unique=True,
        sqlite_where=OF_A_WAIT,
        postgresql_where=OF_A_WAIT,
    )


def downgrade() -> None:
    """Undo. What was a wait's own end is one for its node again."""
    op.drop_index("ux_callbacks_wait", table_name="callbacks")
    op.execute("DELETE FROM callbacks WHERE source = 'deadline'")
    op.drop_column("callbacks", "source")
    op.drop_column("callbacks", "run_index")
