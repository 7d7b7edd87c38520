"""Prepaid credits are taken off the item that they pay, no longer by items below zero."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

NAMES = ("credit", "credit_sent")


def upgrade() -> None:
    """Apply; what an item below zero has taken off stays so."""
    for name in NAMES:
        op.add_column(
            "invoice_items", sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)
        )
    used = (
        "coalesce((SELECT sum(u.amount) FROM credit_uses u WHERE u.item_id = invoice_items.id), 0)"
    )
    op.execute(f"UPDATE invoice_items SET credit = {used}, credit_sent = {used}")  # noqa: S608
    closed = sa.table("invoice_items", sa.column("closed", sa.Boolean()), sa.column("kind"))
    op.execute(closed.update().where(closed.c.kind == "credit").values(closed=True))


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("invoice_items") as batch:
        for name in reversed(NAMES):
            batch.drop_column(name)
