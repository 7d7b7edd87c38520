"""Brings invoice items to Stripe: each once, whatever is lost, refused or killed in between.

What is sent was written down before (``wanted_items``). One process at a time has a workspace's
items to itself, for a while (``overage_lease_until``). An item whose answer was lost is looked for
by its mark before it is made again.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, text

from billing.accounts.account_row import account_row
from billing.accounts.accounts import Accounts
from billing.accounts.statuses import ALIVE
from billing.alerts.administrator import tell_administrator
from billing.credits.covering import cover_overage
from billing.failures import StripeRefused, StripeUnavailable
from billing.overage.dropped import is_dropped
from billing.overage.item_shapes import (
    CREDIT_MARK,
    credit_coupon,
    credit_on,
    item_params,
    said_by,
    value_of,
)
from billing.overage.wanted_items import want_items, workspaces_with_work
from billing.plans.catalogue import overage_key
from billing.plans.plan import read_plan
from billing.taxes.taxation import Taxation
from billing.taxes.terms import TaxTerms
from billing.usage.periods import THIRTY_DAYS_S
from layers import failpoints, jsontext
from layers.ids import new_id
from layers.log import logger

LEASE_S = 300.0
FIRST_PAUSE_S, MOST_PAUSE_S = 60.0, 6 * 3600.0
LOOK_AGAIN_S = 900.0
"""How often an item of a month that is over is looked at until its invoice is finalised."""
ROUNDS = 4
"""What turns out to be on a finalised invoice asks for another item, in the same run."""
CLAIM = text(
    "UPDATE billing_accounts SET overage_lease_until = :until WHERE workspace_id = :workspace_id"
    " AND (overage_lease_until IS NULL OR overage_lease_until <= :now)"
)
RELEASE = text(
    "UPDATE billing_accounts SET overage_lease_until = NULL WHERE workspace_id = :workspace_id"
)
OPEN = text(
    "SELECT i.*, v.data AS plan_data FROM invoice_items i"
    " JOIN plan_versions v ON v.id = i.plan_version_id"
    " WHERE i.workspace_id = :workspace_id AND i.closed = :no"
    " ORDER BY i.created_at, i.id"
)
ON_INVOICE = text("SELECT invoice_id FROM invoice_items WHERE id = :id")
ATTEMPT = text("UPDATE invoice_items SET attempted_at = :now WHERE id = :id")
DONE = text(
    "UPDATE invoice_items SET wanted = :wanted, sent = :sent, stripe_id = :stripe_id,"
    " invoice_id = :invoice_id, closed = :closed, sent_at = :now, due_at = :due_at,"
    " failures = 0, error = NULL, credit_sent = :credit_sent WHERE id = :id"
)
FAIL = text(
    "UPDATE invoice_items SET failures = failures + 1, error = :error, due_at = :due_at,"
    " attempted_at = CASE WHEN stripe_id IS NULL THEN NULL ELSE attempted_at END WHERE id = :id"
)


class OverageBilling:
    """Has Stripe bill what was admitted as overage, less prepaid credits."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._price_ids: dict[str, str] = {}
        self._is_away = False
        self._log = logger("billing")

    def bill(self) -> int:
        """Send what Stripe does not know yet; returns of how many workspaces something was."""
        now = self._accounts.clock.now()
        with self._accounts.database.reading() as connection:
            livemode = bool(self._accounts.settings.livemode)
            due = workspaces_with_work(connection, livemode, now)
        for number, workspace_id in enumerate(due):
            if not self.bill_workspace(workspace_id):
                return number
        return len(due)

    def bill_workspace(self, workspace_id: str) -> bool:
        """Send what Stripe does not know yet of one workspace; False where Stripe is away."""
        if not self._claim(workspace_id):
            return True
        try:
            for _round in range(ROUNDS):
                if not self._once(workspace_id):
                    break
        except StripeUnavailable as error:
            tell = self._log.debug if self._is_away else self._log.warning
            tell("overage is sent once Stripe is there again: %s", error.detail)
            self._is_away = True
            return False
        finally:
            with self._accounts.database.writing() as connection:
                connection.execute(RELEASE, {"workspace_id": workspace_id})
        self._is_away = False
        return True

    def _claim(self, workspace_id: str) -> bool:
        now = self._accounts.clock.now()
        values = {"workspace_id": workspace_id, "now": now, "until": now + LEASE_S}
        with self._accounts.database.writing() as connection:
            return bool(connection.execute(CLAIM, values).rowcount)

    def _once(self, workspace_id: str) -> bool:
        """Decide and send once; says whether more may be wanted now that this is known."""
        now = self._accounts.clock.now()
        values = {"workspace_id": workspace_id, "no": False}
        with self._accounts.database.writing() as connection:
            want_items(connection, workspace_id, now)
            cover_overage(connection, workspace_id, now)
            account = account_row(connection, workspace_id)
            items = connection.execute(OPEN, values).all()
        if account.customer_id is None:
            return False
        again = False
        for item in items:
            if item.due_at > now and item.failures:
                continue
            try:
                again |= self._bring(account, item, now)
            except StripeRefused as error:
                self._refused(item, error, now)
        return again

    def _bring(self, account: Row[Any], item: Row[Any], now: float) -> bool:
        if item.stripe_id is None:
            if not item.wanted:
                return self._keep(item, None, closed=True, sent=0)
            return self._create(account, item, now)
        if (item.sent, item.credit_sent) != (item.wanted, item.credit):
            return self._change(item)
        if item.due_at <= now and self._is_over(account, item, now):
            return self._settle(account, item, now)
        return False

    def _create(self, account: Row[Any], item: Row[Any], now: float) -> bool:
        gateway = self._accounts.gateway
        made = None
        if item.attempted_at is not None:
            made = gateway.marked_item(account.customer_id, item.id)
        if made is None:
            params = self._params(account, item)
            if item.credit:
                params["discounts"] = self._credit(item)
            if now >= item.month_end and (draft := gateway.renewal_draft(account.customer_id)):
                params["invoice"] = draft
            with self._accounts.database.writing() as connection:
                connection.execute(ATTEMPT, {"id": item.id, "now": now})
            failpoints.hit("invoice_item.before_send")
            made = gateway.create_item(params, f"invoice-item:{item.id}:{item.failures}")
            failpoints.hit("invoice_item.after_send")
        self._keep(item, made, closed=False, sent=said_by(item, made))
        # While it was not known whether it is there, what came meanwhile waited.
        return item.attempted_at is not None

    def _change(self, item: Row[Any]) -> bool:
        """Raise or lower what waits; where its invoice is finalised, nothing can be changed."""
        gateway = self._accounts.gateway
        try:
            if not item.wanted:
                gateway.delete_item(item.stripe_id)
                return self._keep(item, None, closed=True, sent=0)
            failpoints.hit("invoice_item.before_send")
            changes = value_of(item)
            if item.credit != item.credit_sent:
                changes["discounts"] = self._credit(item) or ""
                changes["metadata"] = {CREDIT_MARK: str(item.credit)}
            changed = gateway.update_item(item.stripe_id, changes)
            failpoints.hit("invoice_item.after_send")
        except StripeRefused:
            if self._look(item):
                return True
            raise
        return self._keep(item, changed, closed=False, sent=item.wanted)

    def _settle(self, account: Row[Any], item: Row[Any], now: float) -> bool:
        """See what became of an item of a month that is over; have it invoiced if nobody does."""
        if self._look(item):
            return True
        with self._accounts.database.reading() as connection:
            invoice_id = connection.execute(ON_INVOICE, {"id": item.id}).scalar_one()
        if invoice_id is None and not _comes_soon(account, now):
            failpoints.hit("invoice_item.before_invoice")
            self._accounts.gateway.invoice_pending_items(
                account.customer_id,
                item.currency,
                _method(account),
                f"overage-invoice:{item.id}:{item.failures}",
                self._tax(account, item),
            )
            failpoints.hit("invoice_item.after_invoice")
            self._look(item)
        return False

    def _tax(self, account: Row[Any], item: Row[Any]) -> TaxTerms:
        """How an invoice of its own is taxed: it inherits nothing from a subscription."""
        gateway, settings = self._accounts.gateway, self._accounts.settings.tax
        inclusive = read_plan(item.plan_data).has_tax_within(item.currency)
        return Taxation(gateway, settings).for_invoice(account.customer_id, inclusive=inclusive)

    def _look(self, item: Row[Any]) -> bool:
        """Read an item and its invoice; says whether it can be changed no more."""
        gateway = self._accounts.gateway
        found = gateway.item(item.stripe_id)
        if found is None:
            # Somebody took it away at Stripe: that was meant, and it is not charged again.
            return self._keep(item, None, closed=True, sent=item.wanted)
        invoice_id = found["invoice"]
        invoice = None if invoice_id is None else gateway.invoice(invoice_id)
        closed = invoice is not None and invoice["status"] != "draft"
        # What was on the invoice of a change that was dropped is owed as before.
        sent = 0 if invoice is not None and is_dropped(invoice) else said_by(item, found)
        self._keep(item, found, closed=closed, sent=sent)
        return closed

    def _is_over(self, account: Row[Any], item: Row[Any], now: float) -> bool:
        return now >= item.month_end or account.status not in ALIVE

    def _keep(
        self, item: Row[Any], found: dict[str, Any] | None, *, closed: bool, sent: int
    ) -> bool:
        now = self._accounts.clock.now()
        values = {
            "id": item.id,
            "wanted": sent if closed else item.wanted,
            "sent": sent,
            "credit_sent": item.credit_sent if found is None else credit_on(found),
            "stripe_id": item.stripe_id if found is None else found["id"],
            "invoice_id": None if found is None else found["invoice"],
            "closed": closed,
            "now": now,
            "due_at": now + LOOK_AGAIN_S if found is not None and item.sent == sent else now,
        }
        with self._accounts.database.writing() as connection:
            connection.execute(DONE, values)
        return closed

    def _refused(self, item: Row[Any], error: StripeRefused, now: float) -> None:
        tell = self._log.info if item.failures else self._log.error
        tell("invoice item %s was refused: %s", item.id, error.detail)
        pause = min(FIRST_PAUSE_S * 2.0 ** min(item.failures, 12), MOST_PAUSE_S)
        values = {"id": item.id, "error": error.detail, "due_at": now + pause}
        with self._accounts.database.writing() as connection:
            connection.execute(FAIL, values)
            _tell(connection, item, error, now)

    def _params(self, account: Row[Any], item: Row[Any]) -> dict[str, Any]:
        plan = read_plan(item.plan_data)
        params = item_params(account, item, plan)
        if "amount" not in params:
            key = overage_key(plan, item.limit_name, item.currency)
            params["pricing"] = {"price": self._price(key)}
        return params

    def _credit(self, item: Row[Any]) -> list[dict[str, Any]]:
        """The discount that takes prepaid credit off an item, by a coupon made for it.

        What a coupon takes off never changes: another amount is another coupon. One whose item was
        never made is of no use to anybody.
        """
        if not item.credit:
            return []
        coupon = self._accounts.gateway.create_coupon(credit_coupon(item), f"credit:{new_id()}")
        return [{"coupon": coupon["id"]}]

    def _price(self, key: str) -> str:
        if key not in self._price_ids:
            found = self._accounts.gateway.prices([key])
            if key not in found:
                raise StripeRefused(
                    f"Stripe does not know the price {key}: run 'treadle billing sync'."
                )
            self._price_ids[key] = found[key]["id"]
        return self._price_ids[key]


def _method(account: Row[Any]) -> str | None:
    """What is paid with."""
    methods = jsontext.loads(account.payment_methods or "[]")
    return next((one["id"] for one in methods if one["is_default"]), None)


def _comes_soon(account: Row[Any], now: float) -> bool:
    """Whether an invoice of the subscription comes within a month."""
    if account.status not in ALIVE or account.period_end is None:
        return False
    return bool(account.period_end - now <= THIRTY_DAYS_S + 86_400.0)


def _tell(connection: Connection, item: Row[Any], error: StripeRefused, now: float) -> None:
    detail = {
        "workspace_id": item.workspace_id,
        "limit": item.limit_name,
        "wanted": int(item.wanted),
        "error": error.detail,
    }
    tell_administrator(
        connection, "refused_usage", f"refused_usage:{item.id}", "error", detail, now
    )
