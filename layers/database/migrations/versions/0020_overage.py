"""Overage as it was agreed to, month by month, and the invoice items that bill it.

Months of usage get an anchor of their own: that which they had so far. Terms are known from now
on: usage that comes later for the time before is not billed.
"""

from __future__ import annotations

import time

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

SQLITE_UP = (
    "CREATE TRIGGER usage_overage_keeps_rows BEFORE UPDATE ON usage_overage"
    " BEGIN SELECT RAISE(ABORT, 'the usage ledger only grows'); END",
    "CREATE TRIGGER usage_overage_loses_none BEFORE DELETE ON usage_overage"
    " BEGIN SELECT RAISE(ABORT, 'the usage ledger only grows'); END",
)
POSTGRES_UP = (
    "CREATE TRIGGER usage_overage_keeps_rows BEFORE UPDATE OR DELETE ON usage_overage"
    " FOR EACH ROW EXECUTE FUNCTION usage_ledger_only_grows()",
    "CREATE TRIGGER usage_overage_loses_none BEFORE TRUNCATE ON usage_overage"
    " FOR EACH STATEMENT EXECUTE FUNCTION usage_ledger_only_grows()",
)
TERMS = sa.text(
    "INSERT INTO billing_terms (workspace_id, since, status, past_due_since, usage_anchor,"
    " interval, currency, seats, plan_version_id, at_limit, overage_caps)"
    " SELECT workspace_id, :now, status, past_due_since, usage_anchor, interval, currency, seats,"
    " plan_version_id, at_limit, overage_caps FROM billing_accounts"
    " WHERE plan_version_id IS NOT NULL"
)


def upgrade() -> None:
    """Apply."""
    op.add_column("billing_accounts", sa.Column("usage_anchor", sa.Float(precision=53)))
    op.add_column("billing_accounts", sa.Column("overage_lease_until", sa.Float(precision=53)))
    op.execute("UPDATE billing_accounts SET usage_anchor = anchor")
    op.create_table(
        "billing_terms",
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.Column("since", sa.Float(precision=53), nullable=False),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("past_due_since", sa.Float(precision=53), nullable=True),
        sa.Column("usage_anchor", sa.Float(precision=53), nullable=True),
        sa.Column("interval", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("plan_version_id", sa.String(length=36), nullable=True),
        sa.Column("at_limit", sa.Text(), nullable=True),
        sa.Column("overage_caps", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_billing_terms_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "since", name=op.f("pk_billing_terms")),
    )
    op.get_bind().execute(TERMS, {"now": time.time()})
    op.create_table(
        "usage_overage",
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.Column("meter", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("limit_name", sa.Text(), nullable=False),
        sa.Column("month_start", sa.Float(precision=53), nullable=False),
        sa.Column("month_end", sa.Float(precision=53), nullable=False),
        sa.Column("plan_version_id", sa.String(length=36), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("unit_amount", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", sa.Float(precision=53), nullable=False),
        sa.Column("recorded_at", sa.Float(precision=53), nullable=False),
        sa.PrimaryKeyConstraint(
            "workspace_id", "meter", "source_id", "part", name=op.f("pk_usage_overage")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_usage_overage_month", "usage_overage", ["workspace_id", "limit_name", "month_start"]
    )
    op.create_table(
        "overage_totals",
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.Column("limit_name", sa.Text(), nullable=False),
        sa.Column("month_start", sa.Float(precision=53), nullable=False),
        sa.Column("plan_version_id", sa.String(length=36), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("month_end", sa.Float(precision=53), nullable=False),
        sa.Column("unit_amount", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("first_recorded_at", sa.Float(precision=53), nullable=False),
        sa.Column("recorded_at", sa.Float(precision=53), nullable=False),
        sa.PrimaryKeyConstraint(
            "workspace_id",
            "limit_name",
            "month_start",
            "plan_version_id",
            "currency",
            name=op.f("pk_overage_totals"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "invoice_items",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("charge", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("limit_name", sa.Text(), nullable=False),
        sa.Column("month_start", sa.Float(precision=53), nullable=False),
        sa.Column("month_end", sa.Float(precision=53), nullable=False),
        sa.Column("plan_version_id", sa.String(length=36), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("unit_amount", sa.Text(), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("wanted", sa.BigInteger(), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=True),
        sa.Column("stripe_id", sa.Text(), nullable=True),
        sa.Column("invoice_id", sa.Text(), nullable=True),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("attempted_at", sa.Float(precision=53), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.Float(precision=53), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Float(precision=53), nullable=False),
        sa.Column("sent_at", sa.Float(precision=53), nullable=True),
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_invoice_items_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_items")),
        sa.UniqueConstraint(
            "workspace_id",
            "kind",
            "charge",
            "sequence",
            name=op.f("uq_invoice_items_workspace_id_kind_charge_sequence"),
        ),
    )
    op.create_index("ix_invoice_items_closed", "invoice_items", ["closed", "workspace_id"])
    for statement in SQLITE_UP if op.get_bind().dialect.name == "sqlite" else POSTGRES_UP:
        op.execute(statement)


def downgrade() -> None:
    """Undo: what was not billed yet is not known any more. Its triggers go with a table."""
    op.drop_index("ix_invoice_items_closed", table_name="invoice_items")
    op.drop_table("invoice_items")
    op.drop_table("overage_totals")
    op.drop_index("ix_usage_overage_month", table_name="usage_overage")
    op.drop_table("usage_overage")
    op.drop_table("billing_terms")
    op.drop_column("billing_accounts", "overage_lease_until")
    op.drop_column("billing_accounts", "usage_anchor")
