"""Intentions towards Stripe, one checkout a workspace, second subscriptions, and trials taken."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

WORKSPACE = sa.String(length=36)
MOMENT = sa.Float(precision=53)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "stripe_requests",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("workspace_id", WORKSPACE, nullable=False),
        _of_a_workspace("stripe_requests"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_requests")),
    )
    op.create_index(
        "ix_stripe_requests_workspace_id_kind", "stripe_requests", ["workspace_id", "kind"]
    )
    op.create_index(op.f("ix_stripe_requests_state"), "stripe_requests", ["state"])
    op.create_table(
        "checkouts",
        sa.Column("workspace_id", WORKSPACE, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=True),
        sa.Column("lease_until", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        _of_a_workspace("checkouts"),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("pk_checkouts")),
    )
    op.create_table(
        "surplus_subscriptions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("found_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("workspace_id", WORKSPACE, nullable=False),
        _of_a_workspace("surplus_subscriptions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surplus_subscriptions")),
    )
    op.create_table(
        "trials_taken",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("workspace_id", WORKSPACE, nullable=False),
        sa.Column("taken_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_trials_taken")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("trials_taken")
    op.drop_table("surplus_subscriptions")
    op.drop_table("checkouts")
    op.drop_index(op.f("ix_stripe_requests_state"), "stripe_requests")
    op.drop_index("ix_stripe_requests_workspace_id_kind", "stripe_requests")
    op.drop_table("stripe_requests")


def _of_a_workspace(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["workspace_id"],
        ["workspaces.id"],
        name=op.f(f"fk_{table}_workspace_id"),
        ondelete="CASCADE",
    )
