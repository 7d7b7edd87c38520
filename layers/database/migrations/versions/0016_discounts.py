"""What a workspace pays less than its plan's price, and until when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("billing_accounts", sa.Column("discount", sa.Integer(), nullable=True))
    ends_at = sa.Column("discount_ends_at", sa.Float(precision=53), nullable=True)
    op.add_column("billing_accounts", ends_at)
    op.add_column("billing_accounts", sa.Column("discounts", sa.Text(), nullable=True))


def downgrade() -> None:
    """Undo."""
    op.drop_column("billing_accounts", "discounts")
    op.drop_column("billing_accounts", "discount_ends_at")
    op.drop_column("billing_accounts", "discount")
