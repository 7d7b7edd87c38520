"""What of Stripe's objects is written down, in one transaction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, text

from billing.accounts import account_state, schedule_state
from billing.accounts.customer_snapshot import CustomerSnapshot
from billing.accounts.discounts import discount_columns
from billing.alerts.account_alerts import tell_changes
from billing.alerts.administrator import tell_administrator
from billing.alerts.payment_alerts import payment_alerts, tell_of_disputes
from billing.credits.purchases import give_what_was_bought
from billing.invoices.document.catalogue import language_of
from billing.invoices.issuing import keep_issuer
from billing.invoices.kept import invoice_columns
from billing.overage.dropped import owe_again
from billing.overage.terms import keep_terms
from billing.payments import waiting
from billing.payments.kept import keep as keep_payments
from billing.plans.plan import FREE
from billing.revenue.history import History, record_changes
from layers.database.changes import Kind, note_lists
from layers.settings import BillingSettings

COLUMNS = (
    *("plan", "plan_version_id", "subscription_id", "status", "interval", "currency", "seats"),
    *("amount", "discount", "discount_ends_at", "discounts", "anchor", "usage_anchor"),
    *("period_start", "period_end", "trial_end", "trialed"),
    *("cancel_at_period_end", "past_due_since", "started_at", "ended_at", "payment_methods"),
    "language",
    *schedule_state.COLUMNS,
    *waiting.COLUMNS,
)
STORE = text(
    "UPDATE billing_accounts SET "  # noqa: S608 - names of columns, no values
    + ", ".join(f"{name} = :{name}" for name in COLUMNS)
    + ", synchronized = :done, synchronized_at = :now, lease_until = NULL, failures = 0,"
    " error = NULL WHERE workspace_id = :workspace_id AND epoch = :epoch"
)
PLAN_VERSION = text("SELECT id FROM plan_versions WHERE plan = :plan AND number = :number")
PUT_INVOICE = text(
    "INSERT INTO invoices (id, workspace_id, number, status, currency, total, amount_due,"
    " amount_paid, attempt_count, created_at, paid_at, period_start, period_end, data)"
    " VALUES (:id, :workspace_id, :number, :status, :currency, :total, :amount_due,"
    " :amount_paid, :attempt_count, :created_at, :paid_at, :period_start, :period_end, :data)"
    " ON CONFLICT (id) DO UPDATE SET number = excluded.number, status = excluded.status,"
    " total = excluded.total, amount_due = excluded.amount_due,"
    " amount_paid = excluded.amount_paid, attempt_count = excluded.attempt_count,"
    " paid_at = excluded.paid_at, period_start = excluded.period_start,"
    " period_end = excluded.period_end, data = excluded.data"
)


FORGET_CUSTOMER = text(
    "UPDATE billing_accounts SET customer_id = NULL WHERE workspace_id = :workspace_id"
    " AND customer_id = :customer_id"
)


def store_account(
    connection: Connection,
    account: Row[Any],
    found: CustomerSnapshot,
    settings: BillingSettings,
    now: float,
) -> bool:
    """Keep what was found; False where somebody else has read the account since."""
    workspace_id = account.workspace_id
    state = account_state.subscription_columns(found.subscription, found.invoices, now)
    columns = {
        **state,
        **discount_columns(
            state["amount"],
            account_state.seat_product(found.subscription),
            state["currency"],
            found.discounts,
        ),
        **_plan_columns(connection, found.subscription),
        "usage_anchor": account_state.usage_anchor(account, found.subscription),
        **schedule_state.schedule_columns(found.schedule, now),
        **waiting.waiting_columns(
            found.subscription, found.invoices, found.collected, found.bank_transfer
        ),
        "payment_methods": found.payment_methods,
        "language": language_of(found.preferred_locales, "") or None,
        "trialed": account.trialed
        or bool(found.subscription and found.subscription["trial_start"]),
    }
    values = {**columns, "workspace_id": workspace_id, "now": now}
    values |= {"done": account.wanted, "epoch": account.epoch}
    if not connection.execute(STORE, values).rowcount:
        return False
    note_lists(connection, Kind.BILLING, [workspace_id])
    if found.deleted_customer is not None:
        _forget_customer(connection, workspace_id, found.deleted_customer, now)
    keep_terms(connection, workspace_id, now)
    kept = [invoice_columns(one, found.references) for one in found.invoices]
    if kept:
        rows = [{**one, "workspace_id": workspace_id} for one in kept]
        connection.execute(PUT_INVOICE, rows)
    owe_again(connection, workspace_id, found.invoices)
    keep_payments(connection, workspace_id, found.collected, found.invoices, found.references)
    keep_issuer(connection, workspace_id, settings.seller, columns["language"])
    of_payments = payment_alerts(account, columns, found.invoices, found.collected, now)
    tell_changes(connection, account, columns, kept, now, of_payments)
    tell_of_disputes(connection, workspace_id, found.collected, now)
    discounts = {columns["subscription_id"]: columns["discount"] or 0}
    history = History(found.subscriptions, found.invoices, discounts)
    record_changes(connection, account, history, now)
    give_what_was_bought(connection, workspace_id, found.invoices, now)
    return True


def _forget_customer(
    connection: Connection, workspace_id: str, customer_id: str, now: float
) -> None:
    """Whoever was deleted at Stripe has no card and no subscription any more."""
    values = {"workspace_id": workspace_id, "customer_id": customer_id}
    connection.execute(FORGET_CUSTOMER, values)
    detail = {"workspace_id": workspace_id, "customer": customer_id}
    key = f"customer_deleted:{customer_id}"
    tell_administrator(connection, "customer_deleted", key, "warning", detail, now)


def _plan_columns(
    connection: Connection, subscription: account_state.Object | None
) -> dict[str, Any]:
    """The plan that is paid for; another price list's subscription pays for none of ours."""
    plan = None if subscription is None else account_state.plan_of(subscription)
    if plan is None:
        return {"plan": FREE, "plan_version_id": None}
    found = connection.execute(PLAN_VERSION, {"plan": plan[0], "number": plan[1]})
    version_id = found.scalar_one_or_none()
    return {"plan": plan[0] if version_id else FREE, "plan_version_id": version_id}
