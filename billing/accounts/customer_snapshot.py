"""Everything that Stripe says of a customer, read at one time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row

from billing.accounts import account_state, schedule_state
from billing.accounts.trials import fingerprints_of
from billing.failures import StripeRefused
from billing.invoices.kept_taxes import coupon_ids, tax_rate_ids
from billing.payments.default_method import ensured_default
from billing.payments.from_stripe import Collected

if TYPE_CHECKING:
    from billing.stripe_gateway import StripeGateway


@dataclass(frozen=True)
class CustomerSnapshot:
    """Everything that Stripe said of a customer, at one time."""

    subscription: account_state.Object | None
    subscriptions: Sequence[account_state.Object]
    invoices: Sequence[account_state.Object]
    payment_methods: str
    discounts: Sequence[account_state.Object] = ()
    references: Mapping[str, account_state.Object] = field(default_factory=dict)
    """Tax rates and coupons that invoices name, by id."""
    preferred_locales: Sequence[str] = ()
    schedule: account_state.Object | None = None
    fingerprints: Sequence[str] = ()
    """Of the cards, the same for every customer of the instance's."""
    deleted_customer: str | None = None
    """The customer that the account had, if somebody deleted it at Stripe."""
    collected: Collected = field(default_factory=Collected)
    bank_transfer: account_state.Object | None = None


NOBODY = CustomerSnapshot(None, (), (), "[]")
"""Of a workspace that is no customer."""


def read_account(gateway: StripeGateway, account: Row[Any]) -> CustomerSnapshot:
    """Read all that an account keeps; raises what Stripe raises."""
    if account.livemode != gateway.livemode:
        raise StripeRefused("The account belongs to Stripe's other mode, live or test.")
    customer = gateway.customer(account.customer_id)
    if customer.get("deleted"):
        return CustomerSnapshot(None, (), (), "[]", deleted_customer=account.customer_id)
    subscriptions = gateway.subscriptions(account.customer_id)
    subscription = account_state.chosen(subscriptions)
    invoices = list(gateway.invoices(account.customer_id))
    methods = gateway.payment_methods(account.customer_id)
    default = ensured_default(gateway, customer, subscription, methods)
    shown = account_state.method_columns(methods, default)
    applied = list(subscription["discounts"]) if subscription else []
    coupons = gateway.with_coupons(applied)
    collected = gateway.collected(account.customer_id)
    taxed = (*invoices, *collected.credit_notes)
    references = {
        **gateway.tax_rates(one for each in taxed for one in tax_rate_ids(each)),
        **gateway.coupons_named(one for each in invoices for one in coupon_ids(each)),
    }
    schedule_id = schedule_state.schedule_of(subscription)
    return CustomerSnapshot(
        subscription,
        subscriptions,
        invoices,
        shown,
        coupons,
        references,
        tuple(customer.get("preferred_locales") or ()),
        None if schedule_id is None else gateway.schedule(schedule_id),
        collected=collected,
        fingerprints=fingerprints_of(methods),
        bank_transfer=_bank_transfer(gateway, account.customer_id, subscription),
    )


def _bank_transfer(
    gateway: StripeGateway, customer_id: str, subscription: account_state.Object | None
) -> account_state.Object | None:
    """Where to transfer to, for who is invoiced."""
    if subscription is None or subscription["collection_method"] != "send_invoice":
        return None
    return gateway.bank_transfer(customer_id, subscription["currency"])
