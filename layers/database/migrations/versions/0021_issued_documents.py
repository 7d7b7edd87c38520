"""The seller and the language of invoices and credit notes, as they were when they were issued."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

COLUMNS = (("invoices", "issued"), ("credit_notes", "issued"), ("billing_accounts", "language"))


def upgrade() -> None:
    """Apply. What was issued before gets the seller of when it is next read from Stripe."""
    for table, column in COLUMNS:
        op.add_column(table, sa.Column(column, sa.Text(), nullable=True))


def downgrade() -> None:
    """Undo."""
    for table, column in reversed(COLUMNS):
        op.drop_column(table, column)
