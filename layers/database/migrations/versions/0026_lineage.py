"""Steps say which of the items that came in each of their items was made of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; of the steps that are there already nobody knows, which a default says at once."""
    op.add_column("steps", sa.Column("lineage", sa.Text(), server_default="unknown", nullable=True))


def downgrade() -> None:
    """Undo."""
    op.drop_column("steps", "lineage")
