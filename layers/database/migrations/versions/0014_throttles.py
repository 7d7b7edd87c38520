"""One kind of throttle for signing in and signing up, in place of counts of failed sign-ins."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. The counts of the last quarter of an hour are let go of."""
    op.create_table(
        "throttles",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("rested_at", sa.Float(precision=53), nullable=False),
        sa.Column("admitted", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_throttles")),
    )
    op.create_index(op.f("ix_throttles_rested_at"), "throttles", ["rested_at"])
    op.drop_table("login_attempts")


def downgrade() -> None:
    """Undo."""
    op.create_table(
        "login_attempts",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("window_started_at", sa.Float(precision=53), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_login_attempts")),
    )
    op.drop_index(op.f("ix_throttles_rested_at"), "throttles")
    op.drop_table("throttles")
