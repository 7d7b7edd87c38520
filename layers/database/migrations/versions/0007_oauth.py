"""Credentials that are connected by OAuth."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("credentials", sa.Column("tokens", sa.Text(), nullable=True))
    op.add_column("credentials", sa.Column("connection", sa.Text(), nullable=True))
    op.add_column("credentials", sa.Column("refresh_until", sa.Float(precision=53), nullable=True))
    op.create_table(
        "oauth_attempts",
        sa.Column("state_hash", sa.Text(), nullable=False),
        sa.Column("session_hash", sa.Text(), nullable=False),
        sa.Column("credential_id", sa.String(length=36), nullable=False),
        sa.Column("sealed_verifier", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Float(precision=53), nullable=False),
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["credential_id"],
            ["credentials.id"],
            name=op.f("fk_oauth_attempts_credential_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_oauth_attempts_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_oauth_attempts")),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("oauth_attempts")
    op.drop_column("credentials", "refresh_until")
    op.drop_column("credentials", "connection")
    op.drop_column("credentials", "tokens")
