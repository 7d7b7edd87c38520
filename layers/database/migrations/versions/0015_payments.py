"""Payments, refunds and credit notes; changes and payments that wait; bank transfer.

What is missing of accounts that are there already comes when they are next read from Stripe, which
this asks for.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ACCOUNT_COLUMNS: dict[str, sa.types.TypeEngine[Any]] = {
    "pending_change": sa.Text(),
    "payment_action": sa.Text(),
    "collection_method": sa.Text(),
    "days_until_due": sa.Integer(),
    "bank_transfer": sa.Text(),
}


def upgrade() -> None:
    """Apply."""
    _table(
        "credit_notes",
        _text("invoice_id"),
        _text("number"),
        _text("status"),
        _text("type"),
        _text("currency"),
        sa.Column("amount", sa.Integer(), nullable=False),
        _text("reason", nullable=True),
        _moment("created_at"),
        _moment("voided_at", nullable=True),
        _text("data"),
    )
    _table(
        "payments",
        _text("payment_intent_id", nullable=True),
        _text("invoice_id", nullable=True),
        _text("status"),
        _text("currency"),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("amount_refunded", sa.Integer(), nullable=False),
        _text("method"),
        _text("failure_code", nullable=True),
        _text("failure_message", nullable=True),
        _text("dispute", nullable=True),
        _moment("created_at"),
    )
    op.create_index(
        "ix_payments_workspace_id_created_at", "payments", ["workspace_id", "created_at"]
    )
    _table(
        "refunds",
        _text("payment_id"),
        _text("invoice_id", nullable=True),
        _text("status"),
        _text("currency"),
        sa.Column("amount", sa.Integer(), nullable=False),
        _text("reason", nullable=True),
        _text("failure_reason", nullable=True),
        _moment("created_at"),
    )
    with op.batch_alter_table("billing_accounts") as table:
        for name, kind in ACCOUNT_COLUMNS.items():
            table.add_column(sa.Column(name, kind, nullable=True))
    op.execute(
        "UPDATE billing_accounts SET wanted = wanted + 1"
        " WHERE customer_id IS NOT NULL AND wanted = synchronized"
    )


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("billing_accounts") as table:
        for name in reversed(ACCOUNT_COLUMNS):
            table.drop_column(name)
    op.drop_table("refunds")
    op.drop_table("payments")
    op.drop_table("credit_notes")


def _table(name: str, *columns: sa.Column[Any]) -> None:
    """A table of what Stripe said about a workspace's invoices, by Stripe's ids."""
    op.create_table(
        name,
        sa.Column("id", sa.Text(), nullable=False),
        *columns,
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f(f"fk_{name}_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )
    op.create_index(f"ix_{name}_workspace_id_invoice_id", name, ["workspace_id", "invoice_id"])


def _text(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Float(precision=53), nullable=nullable)
