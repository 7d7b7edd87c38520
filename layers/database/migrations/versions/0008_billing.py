"""Billing: plans, accounts, the usage ledger and what is derived from it, invoices, alerts.

Every workspace that is there begins on the plan Free. The ledger only grows: the database itself
denies changes of it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SQLITE_UP = (
    "CREATE TRIGGER usage_ledger_keeps_rows BEFORE UPDATE ON usage_ledger"
    " BEGIN SELECT RAISE(ABORT, 'the usage ledger only grows'); END",
    "CREATE TRIGGER usage_ledger_loses_none BEFORE DELETE ON usage_ledger"
    " BEGIN SELECT RAISE(ABORT, 'the usage ledger only grows'); END",
)
SQLITE_DOWN = (
    "DROP TRIGGER usage_ledger_keeps_rows",
    "DROP TRIGGER usage_ledger_loses_none",
)
POSTGRES_UP = (
    "CREATE FUNCTION usage_ledger_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$"
    " BEGIN RAISE EXCEPTION 'the usage ledger only grows'; END $$",
    "CREATE TRIGGER usage_ledger_keeps_rows BEFORE UPDATE OR DELETE ON usage_ledger"
    " FOR EACH ROW EXECUTE FUNCTION usage_ledger_only_grows()",
    "CREATE TRIGGER usage_ledger_loses_none BEFORE TRUNCATE ON usage_ledger"
    " FOR EACH STATEMENT EXECUTE FUNCTION usage_ledger_only_grows()",
)
POSTGRES_DOWN = (
    "DROP TRIGGER usage_ledger_keeps_rows ON usage_ledger",
    "DROP TRIGGER usage_ledger_loses_none ON usage_ledger",
    "DROP FUNCTION usage_ledger_only_grows()",
)
PUT_ON_FREE = (
    "INSERT INTO billing_accounts"
    " (workspace_id, plan, trialed, cancel_at_period_end, wanted, synchronized, epoch, failures,"
    " created_at) SELECT id, 'free', false, false, 0, 0, 0, 0, created_at FROM workspaces"
)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "billing_accounts",
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=True),
        sa.Column("livemode", sa.Boolean(), nullable=True),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("plan_version_id", sa.String(length=36), nullable=True),
        sa.Column("subscription_id", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("interval", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("amount", sa.Integer(), nullable=True),
        sa.Column("anchor", sa.Float(precision=53), nullable=True),
        sa.Column("period_start", sa.Float(precision=53), nullable=True),
        sa.Column("period_end", sa.Float(precision=53), nullable=True),
        sa.Column("trial_end", sa.Float(precision=53), nullable=True),
        sa.Column("trialed", sa.Boolean(), nullable=False),
        sa.Column("cancel_at_period_end", sa.Boolean(), nullable=False),
        sa.Column("past_due_since", sa.Float(precision=53), nullable=True),
        sa.Column("started_at", sa.Float(precision=53), nullable=True),
        sa.Column("ended_at", sa.Float(precision=53), nullable=True),
        sa.Column("payment_methods", sa.Text(), nullable=True),
        sa.Column("overage_caps", sa.Text(), nullable=True),
        sa.Column("at_limit", sa.Text(), nullable=True),
        sa.Column("alert_preferences", sa.Text(), nullable=True),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("synchronized", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.Float(precision=53), nullable=True),
        sa.Column("synchronized_at", sa.Float(precision=53), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Float(precision=53), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_billing_accounts_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("pk_billing_accounts")),
        sa.UniqueConstraint("customer_id", name=op.f("uq_billing_accounts_customer_id")),
    )
    op.create_table(
        "plan_versions",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Float(precision=53), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_versions")),
        sa.UniqueConstraint("plan", "number", name=op.f("uq_plan_versions_plan_number")),
    )
    op.create_table(
        "stripe_events",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=True),
        sa.Column("workspace_id", sa.String(length=36), nullable=True),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.Float(precision=53), nullable=False),
        sa.Column("received_at", sa.Float(precision=53), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_events")),
    )
    op.create_table(
        "usage_counters",
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.Column("limit_name", sa.Text(), nullable=False),
        sa.Column("period_start", sa.Float(precision=53), nullable=False),
        sa.Column("period_end", sa.Float(precision=53), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "workspace_id", "limit_name", "period_start", name=op.f("pk_usage_counters")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "usage_hours",
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.Column("meter", sa.Text(), nullable=False),
        sa.Column("hour", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("workflow_id", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "workspace_id", "meter", "hour", "workflow_id", "detail", name=op.f("pk_usage_hours")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "usage_ledger",
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.Column("meter", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", sa.Float(precision=53), nullable=False),
        sa.Column("recorded_at", sa.Float(precision=53), nullable=False),
        sa.Column("workflow_id", sa.String(length=36), nullable=True),
        sa.Column("execution_id", sa.String(length=36), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "meter", "source_id", name=op.f("pk_usage_ledger")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_usage_ledger_workspace_id_occurred_at",
        "usage_ledger",
        ["workspace_id", "occurred_at"],
        unique=False,
    )
    op.create_table(
        "billing_alerts",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Float(precision=53), nullable=False),
        sa.Column("dismissed_at", sa.Float(precision=53), nullable=True),
        sa.Column("mail_state", sa.Text(), nullable=False),
        sa.Column("mail_attempts", sa.Integer(), nullable=False),
        sa.Column("mail_due_at", sa.Float(precision=53), nullable=True),
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_billing_alerts_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_alerts")),
        sa.UniqueConstraint("workspace_id", "key", name=op.f("uq_billing_alerts_workspace_id_key")),
    )
    op.create_table(
        "budgets",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("workflow_id", sa.String(length=36), nullable=True),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("meter", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.Float(precision=53), nullable=False),
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_budgets_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budgets")),
    )
    op.create_index("ix_budgets_workspace_id", "budgets", ["workspace_id"], unique=False)
    op.create_table(
        "invoices",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("amount_due", sa.Integer(), nullable=False),
        sa.Column("amount_paid", sa.Integer(), nullable=False),
        sa.Column("attempt_count", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Float(precision=53), nullable=False),
        sa.Column("paid_at", sa.Float(precision=53), nullable=True),
        sa.Column("period_start", sa.Float(precision=53), nullable=False),
        sa.Column("period_end", sa.Float(precision=53), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_invoices_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
    )
    op.create_index(
        "ix_invoices_workspace_id_created_at",
        "invoices",
        ["workspace_id", "created_at"],
        unique=False,
    )
    op.create_table(
        "plan_overrides",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_by", sa.String(length=36), nullable=True),
        sa.Column("created_at", sa.Float(precision=53), nullable=False),
        sa.Column("expires_at", sa.Float(precision=53), nullable=True),
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_plan_overrides_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_overrides")),
    )
    op.create_index(
        "ix_plan_overrides_workspace_id", "plan_overrides", ["workspace_id"], unique=False
    )
    op.create_table(
        "usage_pushes",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("meter", sa.Text(), nullable=False),
        sa.Column("hour", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Float(precision=53), nullable=False),
        sa.Column("sent_at", sa.Float(precision=53), nullable=True),
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_usage_pushes_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_pushes")),
    )
    op.create_index("ix_usage_pushes_state", "usage_pushes", ["state"], unique=False)
    op.create_index(
        "ix_usage_pushes_workspace_id_meter_hour",
        "usage_pushes",
        ["workspace_id", "meter", "hour"],
        unique=False,
    )
    op.create_table(
        "usage_reservations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("limit_name", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("workflow_id", sa.String(length=36), nullable=True),
        sa.Column("execution_id", sa.String(length=36), nullable=True),
        sa.Column("expires_at", sa.Float(precision=53), nullable=False),
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_usage_reservations_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_reservations")),
    )
    op.create_index(
        "ix_usage_reservations_workspace_id_limit_name",
        "usage_reservations",
        ["workspace_id", "limit_name"],
        unique=False,
    )
    op.add_column("executions", sa.Column("held_for", sa.Text(), nullable=True))
    op.create_index(
        "ix_executions_held_for",
        "executions",
        ["workspace_id", "id"],
        unique=False,
        sqlite_where=sa.text("held_for IS NOT NULL"),
        postgresql_where=sa.text("held_for IS NOT NULL"),
    )
    op.execute(PUT_ON_FREE)
    for statement in SQLITE_UP if _is_sqlite() else POSTGRES_UP:
        op.execute(statement)


def downgrade() -> None:
    """Undo."""
    for statement in SQLITE_DOWN if _is_sqlite() else POSTGRES_DOWN:
        op.execute(statement)
    op.drop_index(
        "ix_executions_held_for",
        table_name="executions",
        sqlite_where=sa.text("held_for IS NOT NULL"),
        postgresql_where=sa.text("held_for IS NOT NULL"),
    )
    op.drop_column("executions", "held_for")
    op.drop_index("ix_usage_reservations_workspace_id_limit_name", table_name="usage_reservations")
    op.drop_table("usage_reservations")
    op.drop_index("ix_usage_pushes_workspace_id_meter_hour", table_name="usage_pushes")
    op.drop_index("ix_usage_pushes_state", table_name="usage_pushes")
    op.drop_table("usage_pushes")
    op.drop_index("ix_plan_overrides_workspace_id", table_name="plan_overrides")
    op.drop_table("plan_overrides")
    op.drop_index("ix_invoices_workspace_id_created_at", table_name="invoices")
    op.drop_table("invoices")
    op.drop_index("ix_budgets_workspace_id", table_name="budgets")
    op.drop_table("budgets")
    op.drop_table("billing_alerts")
    op.drop_index("ix_usage_ledger_workspace_id_occurred_at", table_name="usage_ledger")
    op.drop_table("usage_ledger")
    op.drop_table("usage_hours")
    op.drop_table("usage_counters")
    op.drop_table("stripe_events")
    op.drop_table("plan_versions")
    op.drop_table("billing_accounts")


def _is_sqlite() -> bool:
    return bool(op.get_bind().dialect.name == "sqlite")
