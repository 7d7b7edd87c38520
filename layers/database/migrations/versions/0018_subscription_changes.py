"""The history of subscriptions, which only grows, begun with what accounts and invoices tell.

Of what was before, the present terms, the beginning, the first payment and the end are known;
changes of plan in between are not, so that months before this one show the present price.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

SQLITE_UP = (
    "CREATE TRIGGER subscription_changes_keeps_rows BEFORE UPDATE ON subscription_changes"
    " BEGIN SELECT RAISE(ABORT, 'the history of subscriptions only grows'); END",
    "CREATE TRIGGER subscription_changes_loses_none BEFORE DELETE ON subscription_changes"
    " BEGIN SELECT RAISE(ABORT, 'the history of subscriptions only grows'); END",
)
POSTGRES_UP = (
    "CREATE FUNCTION subscription_changes_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$"
    " BEGIN RAISE EXCEPTION 'the history of subscriptions only grows'; END $$",
    "CREATE TRIGGER subscription_changes_keeps_rows BEFORE UPDATE OR DELETE"
    " ON subscription_changes FOR EACH ROW EXECUTE FUNCTION subscription_changes_only_grows()",
    "CREATE TRIGGER subscription_changes_loses_none BEFORE TRUNCATE ON subscription_changes"
    " FOR EACH STATEMENT EXECUTE FUNCTION subscription_changes_only_grows()",
)
ACCOUNTS = (
    "SELECT a.*, v.number AS plan_number, (SELECT min(i.paid_at) FROM invoices i"
    " WHERE i.workspace_id = a.workspace_id AND i.status = 'paid' AND i.total > 0"
    " AND i.created_at >= a.started_at) AS first_paid_at FROM billing_accounts a"
    " LEFT JOIN plan_versions v ON v.id = a.plan_version_id"
    " WHERE a.subscription_id IS NOT NULL AND a.started_at IS NOT NULL AND a.livemode IS NOT NULL"
)
COUNTS = frozenset({"active", "past_due"})


def upgrade() -> None:
    """Apply."""
    table = op.create_table(
        "subscription_changes",
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("at", sa.Float(precision=53), nullable=False),
        sa.Column("recorded_at", sa.Float(precision=53), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=True),
        sa.Column("plan_number", sa.Integer(), nullable=True),
        sa.Column("interval", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("discount", sa.Integer(), nullable=False),
        sa.Column("mrr", sa.Integer(), nullable=False),
        sa.Column("first_paid_at", sa.Float(precision=53), nullable=True),
        sa.Column("ends_at", sa.Float(precision=53), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("subscription_id", "number", name=op.f("pk_subscription_changes")),
    )
    op.create_index("ix_subscription_changes_at", "subscription_changes", ["at"])
    op.create_index(
        "ix_subscription_changes_workspace_id", "subscription_changes", ["workspace_id"]
    )
    for account in op.get_bind().execute(sa.text(ACCOUNTS)).all():
        op.bulk_insert(table, _states(account))
    for statement in SQLITE_UP if _is_sqlite() else POSTGRES_UP:
        op.execute(statement)


def downgrade() -> None:
    """Undo."""
    op.drop_table("subscription_changes")
    if not _is_sqlite():
        op.execute("DROP FUNCTION subscription_changes_only_grows()")


def _states(account: sa.Row[tuple[object, ...]]) -> list[dict[str, object]]:
    """How it began, its first payment, and what it is now."""
    has_ended = account.ended_at is not None
    amount = account.amount or 0
    terms = {
        "subscription_id": account.subscription_id,
        "workspace_id": account.workspace_id,
        "livemode": account.livemode,
        "recorded_at": account.synchronized_at or account.created_at,
        "plan": account.plan,
        "plan_number": account.plan_number,
        "interval": account.interval,
        "currency": account.currency,
        "seats": account.seats or 1,
        "amount": amount,
        "discount": 0,
        "mrr": 0,
        "first_paid_at": None,
        "ends_at": None,
        "reason": None,
    }
    mrr = (2 * amount + 12) // 24 if account.interval == "year" else amount
    began = "trialing" if account.trial_end is not None else "incomplete"
    states = [{**terms, "at": account.started_at, "status": began}]
    if account.first_paid_at is not None:
        paid = {"first_paid_at": account.first_paid_at, "mrr": mrr}
        states.append({**terms, **paid, "at": account.first_paid_at, "status": "active"})
    ends = account.period_end if account.cancel_at_period_end and not has_ended else None
    at = account.ended_at or account.past_due_since or account.synchronized_at or account.started_at
    now = {**states[-1], "status": account.status, "at": max(at, states[-1]["at"])}
    now |= {"ends_at": ends, "reason": "ended" if has_ended else None}
    if account.status not in COUNTS:
        now["mrr"] = 0
    if (now["status"], ends, has_ended) != (states[-1]["status"], None, False):
        states.append(now)
    return [{**one, "number": number} for number, one in enumerate(states, 1)]


def _is_sqlite() -> bool:
    return bool(op.get_bind().dialect.name == "sqlite")
