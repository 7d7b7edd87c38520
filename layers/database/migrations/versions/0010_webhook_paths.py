"""Whom webhooks' paths belong to, paths with parameters, and counts of refused requests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ACTIVE = sa.text(
    "SELECT workspace_id, route FROM triggers WHERE route IS NOT NULL ORDER BY created_at, id"
)
PUT = sa.text(
    "INSERT INTO webhook_paths (path, parts, listened_until, workspace_id)"
    " VALUES (:path, :parts, NULL, :workspace_id) ON CONFLICT (path) DO NOTHING"
)


def upgrade() -> None:
    """Apply. What listens now owns its path; where several do, the oldest."""
    op.create_table(
        "webhook_paths",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("listened_until", sa.Float(precision=53), nullable=True),
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_webhook_paths_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_webhook_paths")),
    )
    op.add_column("triggers", sa.Column("route_group", sa.Text(), nullable=True))
    op.create_index(op.f("ix_triggers_route_group"), "triggers", ["route_group"])
    op.add_column(
        "triggers", sa.Column("refused", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column("triggers", sa.Column("last_refused_at", sa.Float(precision=53), nullable=True))
    op.add_column("triggers", sa.Column("last_refusal", sa.Text(), nullable=True))
    connection = op.get_bind()
    for workspace_id, route in connection.execute(ACTIVE).all():
        path = route.partition(" ")[2].lower()
        connection.execute(
            PUT, {"path": path, "parts": path.count("/") + 1, "workspace_id": workspace_id}
        )


def downgrade() -> None:
    """Undo."""
    op.drop_column("triggers", "last_refusal")
    op.drop_column("triggers", "last_refused_at")
    op.drop_column("triggers", "refused")
    op.drop_index(op.f("ix_triggers_route_group"), "triggers")
    op.drop_column("triggers", "route_group")
    op.drop_table("webhook_paths")
