"""Until when somebody follows a workspace: whoever changes what its lists show says so."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

INDEX = "ix_workspaces_followed_until"


def upgrade() -> None:
    """Apply."""
    op.add_column("workspaces", sa.Column("followed_until", sa.Float(precision=53), nullable=True))
    op.create_index(
        INDEX,
        "workspaces",
        ["followed_until"],
        sqlite_where=sa.text("followed_until IS NOT NULL"),
        postgresql_where=sa.text("followed_until IS NOT NULL"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_index(INDEX, "workspaces")
    op.drop_column("workspaces", "followed_until")
