"""Ways out where a subscription is neither paid nor ended: pay what is owed, go on, or end it.

What is owed is what was delivered: a plan that is not paid holds for its grace only, and then the
workspace is on Free. Invoices of whole periods in which it was are voided, not collected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from billing.accounts import account_state
from billing.accounts.account_state import Object
from billing.accounts.accounts import Accounts
from billing.accounts.endings import END_NOW, close_invoices, ending_of, void
from billing.accounts.statuses import DAY_S, GRANTS, HOWS, actions_of
from billing.payments.default_method import chosen_method
from layers import failpoints
from layers.errors import Conflict

GRACE_S = (GRANTS["past_due"].grace_days or 0) * DAY_S


@dataclass(frozen=True)
class UnpaidInvoices:
    """Open invoices and drafts of a subscription, the oldest first in each."""

    delivered: Sequence[Object]
    """To be paid."""
    not_delivered: Sequence[Object]
    """Of periods in which the plan did not hold, and over."""


class Remedies:
    """What leads out of each status but those in which all is well."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def pay(self, workspace_id: str) -> None:
        """Collect what is owed; raises PaymentRefused, and Conflict where nothing is to be paid."""
        accounts = self._accounts
        account = self._allowed(workspace_id, "pay")
        owed = self._owed(account, goes_on=True)
        method_id = chosen_method(accounts.gateway, account.customer_id)
        try:
            for invoice in owed.not_delivered:
                void(accounts.gateway, invoice["id"])
            for invoice in owed.delivered:
                if invoice["status"] == "draft":
                    accounts.gateway.finalize_invoice(invoice["id"])
                accounts.gateway.pay_invoice(invoice["id"], method_id)
        finally:
            accounts.refresh(workspace_id)

    def resume(self, workspace_id: str) -> None:
        """Go on after a trial that ended without a card; raises Conflict, PaymentRefused."""
        accounts = self._accounts
        account = self._allowed(workspace_id, "resume")
        if account.payment_methods in {None, "[]"}:
            raise Conflict("Add a payment method first: the plan goes on once it is paid.")
        try:
            # Until its invoice is paid it stays paused (https://docs.stripe.com/api/subscriptions/resume).
            if not self._owed(account, goes_on=True).delivered:
                accounts.gateway.resume(account.subscription_id)
            method_id = chosen_method(accounts.gateway, account.customer_id)
            for invoice in self._owed(account, goes_on=True).delivered:
                accounts.gateway.pay_invoice(invoice["id"], method_id)
        finally:
            accounts.refresh(workspace_id)

    def end_now(self, workspace_id: str, feedback: str | None, comment: str | None) -> None:
        """End it at once, so that another can be begun; raises Conflict.

        What was delivered and not paid stays as a debt that is not collected any more; it can
        still be paid. The rest is voided.
        """
        accounts = self._accounts
        account = self._allowed(workspace_id, "end_now")
        owed = self._owed(account, goes_on=False)
        subscription_id = account.subscription_id
        # Of a subscription that never began nothing was delivered.
        given_up = owed.delivered if account.status != "incomplete" else ()
        voided = [*owed.not_delivered, *(() if given_up else owed.delivered)]
        ending = ending_of(subscription_id, voided, given_up)

        def end(body: Mapping[str, Any], _key: str) -> None:
            # First of all: what is voided before would make it active again.
            accounts.gateway.cancel(subscription_id, feedback, comment)
            failpoints.hit("end_now.cancelled")
            close_invoices(accounts.gateway, body)

        try:
            # Written down, so that what is left open is closed by whoever reads the account next.
            accounts.requests.once(workspace_id, END_NOW, ending, ending, end)
        finally:
            accounts.refresh(workspace_id)

    def _allowed(self, workspace_id: str, action: str) -> Row[Any]:
        account = self._accounts.read(workspace_id)
        may = actions_of(account.status, bool(account.cancel_at_period_end))
        if action not in may:
            # What is known may be old.
            if account.customer_id is not None:
                self._accounts.refresh(workspace_id)
            account = self._accounts.read(workspace_id)
            may = actions_of(account.status, bool(account.cancel_at_period_end))
        if action not in may:
            is_now = account.status or "not there"
            ways = " or ".join(HOWS[one] for one in may)
            raise Conflict(f"The subscription is {is_now}: that cannot be done, but {ways}.")
        return account

    def _owed(self, account: Row[Any], *, goes_on: bool) -> UnpaidInvoices:
        """What is open of the subscription; if it ``goes_on``, its newest is for what now runs."""
        found = [
            one
            for one in self._accounts.gateway.invoices(account.customer_id)
            if account_state.subscription_of(one) == account.subscription_id
            and one["status"] in {"open", "draft"}
        ]
        found.sort(key=lambda one: (one["created"], *sequence_of(one)))
        since = found[0]["created"] if found else 0
        forgiven = {
            one["id"]
            for one in (found[:-1] if goes_on else found)
            if one["created"] > since + GRACE_S and not _has_usage(one)
        }
        delivered = [one for one in found if one["id"] not in forgiven]
        return UnpaidInvoices(delivered, [one for one in found if one["id"] in forgiven])


def _has_usage(invoice: Object) -> bool:
    """Whether it bills what was used, which was delivered whenever it is billed."""
    lines = invoice["lines"]["data"]
    return any((one.get("parent") or {}).get("type") == "invoice_item_details" for one in lines)


def sequence_of(invoice: Object) -> tuple[int, str]:
    """Its place among invoices of the same second; drafts, which have no number yet, come last."""
    number = invoice["number"] or "~" * 100
    return len(number), number
