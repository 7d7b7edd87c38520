"""How many items steps took and gave, and which part of its workflow an execution is of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("steps", sa.Column("counts", sa.Text(), nullable=True))
    op.add_column("executions", sa.Column("scope", sa.Text(), nullable=True))


def downgrade() -> None:
    """Undo."""
    op.drop_column("executions", "scope")
    op.drop_column("steps", "counts")
