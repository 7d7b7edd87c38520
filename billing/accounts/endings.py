"""What is left open of a subscription that was ended at once, and that it is closed in any case.

Ending is two things with Stripe: the subscription is cancelled, and then its invoices are closed.
It is an intention like all that is asked of Stripe (``stripe_requests``): if the process dies
between the two, whoever reads the account next finishes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row

from billing.accounts.account_state import Object
from billing.failures import StripeRefused

if TYPE_CHECKING:
    from billing.accounts.accounts import Accounts
    from billing.accounts.customer_snapshot import CustomerSnapshot
    from billing.stripe_gateway import StripeGateway

END_NOW = "end_now"
"""The kind of the request."""


def ending_of(
    subscription_id: str, voided: Iterable[Object], given_up: Iterable[Object]
) -> Mapping[str, Any]:
    """What becomes of a subscription's invoices: ``{subscription, void, give_up}``, by id."""
    return {
        "subscription": subscription_id,
        "void": [one["id"] for one in voided],
        "give_up": [one["id"] for one in given_up],
    }


def close_invoices(gateway: StripeGateway, ending: Mapping[str, Any]) -> None:
    """Close what is still open of it; done again it changes nothing."""
    for invoice_id in ending["void"]:
        void(gateway, invoice_id)
    for invoice_id in ending["give_up"]:
        _finalize(gateway, invoice_id)
        _unless_over(partial(gateway.mark_uncollectible, invoice_id))


def finish_ending(accounts: Accounts, account: Row[Any], found: CustomerSnapshot) -> bool:
    """Close the invoices of a subscription whose end was asked for by a process that died since.

    Says whether Stripe's state is another now. Of a subscription that still lives nothing is done:
    it may be that the request is on its way, and else somebody can ask again.
    """
    ending = accounts.requests.open(account.workspace_id, END_NOW)
    if ending is None:
        return False
    statuses = {one["id"]: one["status"] for one in found.subscriptions}
    if statuses.get(ending["subscription"]) != "canceled":
        return False
    close_invoices(accounts.gateway, ending)
    accounts.requests.settle(account.workspace_id, END_NOW)
    return True


def void(gateway: StripeGateway, invoice_id: str) -> None:
    """Void an invoice; of a subscription no draft can be deleted
    (https://docs.stripe.com/api/invoices/delete)."""
    _finalize(gateway, invoice_id)
    _unless_over(lambda: gateway.void_invoice(invoice_id))


def _finalize(gateway: StripeGateway, invoice_id: str) -> None:
    if gateway.invoice(invoice_id)["status"] == "draft":
        gateway.finalize_invoice(invoice_id)


def _unless_over(act: Callable[[], object]) -> None:
    """Do something to an invoice that Stripe may have closed itself, with its subscription."""
    try:
        act()
    except StripeRefused as error:
        if error.status_code not in {400, 404}:
            raise
