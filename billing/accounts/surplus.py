"""One living subscription a workspace: what was paid beside it is ended at once, and paid back.

Treadle lets nobody begin a second one, but Stripe is asked by others as well: two pages of Checkout
that were paid in the same second, somebody in Stripe's dashboard. What is found is written down
before anything is done about it, so that whoever reads the account next finishes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, text

from billing.accounts import account_state
from billing.accounts.statuses import ALIVE
from billing.alerts.administrator import tell_administrator
from billing.alerts.alert import Alert, raise_alert
from billing.failures import StripeRefused
from billing.payments.settling import pay_rest_back
from layers import failpoints

if TYPE_CHECKING:
    from billing.accounts.accounts import Accounts
    from billing.accounts.customer_snapshot import CustomerSnapshot

FIND = text(
    "INSERT INTO surplus_subscriptions (id, workspace_id, found_at)"
    " VALUES (:id, :workspace_id, :now) ON CONFLICT (id) DO NOTHING"
)
UNSETTLED = text(
    "SELECT id FROM surplus_subscriptions WHERE workspace_id = :workspace_id"
    " AND settled_at IS NULL ORDER BY found_at, id"
)
SETTLE = text("UPDATE surplus_subscriptions SET settled_at = :now WHERE id = :id")


def end_surplus(accounts: Accounts, account: Row[Any], found: CustomerSnapshot) -> bool:
    """End what is beside the subscription that counts; says whether Stripe's state is another now.

    Only subscriptions to plans of Treadle's: of others the administrator is told, nothing more.
    """
    unsettled = _written_down(accounts, account, found)
    by_id = {one["id"]: one for one in found.subscriptions}
    for subscription_id in unsettled:
        failpoints.hit("surplus.found")
        subscription = by_id.get(subscription_id)
        if subscription is not None and subscription["status"] in ALIVE:
            accounts.gateway.cancel(subscription_id)
        failpoints.hit("surplus.cancelled")
        own = [
            one for one in found.invoices if account_state.subscription_of(one) == subscription_id
        ]
        # Each of them is tried, whatever became of the others.
        settled = [_paid_back(accounts, account.workspace_id, one) for one in own]
        if all(settled):
            failpoints.hit("surplus.paid_back")
            with accounts.database.writing() as connection:
                values = {"id": subscription_id, "now": accounts.clock.now()}
                connection.execute(SETTLE, values)
    return bool(unsettled)


def _written_down(accounts: Accounts, account: Row[Any], found: CustomerSnapshot) -> list[str]:
    beside = account_state.beside(found.subscriptions)
    foreign = account_state.foreign(found.subscriptions)
    values = {"workspace_id": account.workspace_id}
    if beside or foreign:
        with accounts.database.writing() as connection:
            for one in beside:
                _tell_second(connection, account.workspace_id, one, accounts.clock.now())
            for one in foreign:
                detail = {**values, "subscription": one["id"], "customer": account.customer_id}
                key = f"foreign_subscription:{one['id']}"
                now = accounts.clock.now()
                tell_administrator(connection, "foreign_subscription", key, "warning", detail, now)
    with accounts.database.reading() as connection:
        return list(connection.execute(UNSETTLED, values).scalars())


def _tell_second(
    connection: Connection, workspace_id: str, subscription: account_state.Object, now: float
) -> None:
    name = subscription["id"]
    values = {"id": name, "workspace_id": workspace_id, "now": now}
    if not connection.execute(FIND, values).rowcount:
        return
    detail = {"workspace_id": workspace_id, "subscription": name}
    key = f"second_subscription:{name}"
    tell_administrator(connection, "second_subscription", key, "warning", detail, now)
    plan = account_state.plan_of(subscription)
    told = {"change": "second", "plan": plan[0] if plan else ""}
    raise_alert(connection, Alert(workspace_id, "subscription", key, "warning", told), now)


def _paid_back(accounts: Accounts, workspace_id: str, invoice: account_state.Object) -> bool:
    """Pay back what was paid for an invoice, or void it; says whether nothing is left of it."""
    invoice_id = invoice["id"]
    if invoice["status"] in {"open", "uncollectible"}:
        accounts.gateway.void_invoice(invoice_id)
        return True
    kind = f"refund_surplus:{invoice_id}"
    if not invoice["amount_paid"] or accounts.requests.was_done(workspace_id, kind):
        return True
    gateway = accounts.gateway
    try:
        accounts.requests.once(
            workspace_id, kind, {}, {}, lambda _body, key: pay_rest_back(gateway, invoice_id, key)
        )
    except StripeRefused as error:
        detail = {"workspace_id": workspace_id, "invoice": invoice_id, "error": error.detail}
        with accounts.database.writing() as connection:
            key = f"refund_failed:{invoice_id}"
            now = accounts.clock.now()
            tell_administrator(connection, "refund_failed", key, "error", detail, now)
        return False
    return True
