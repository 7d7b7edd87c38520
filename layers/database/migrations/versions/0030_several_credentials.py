"""The credentials of a trigger that has several, beside what it holds at its provider."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; what is held already was acquired with one credential."""
    op.add_column("trigger_acquisitions", sa.Column("credentials", sa.Text(), nullable=True))


def downgrade() -> None:
    """Undo; what was acquired with several credentials is given back with the first one."""
    op.drop_column("trigger_acquisitions", "credentials")
