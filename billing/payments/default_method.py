"""What a customer pays with where nothing else was chosen.

Stripe's Checkout gives a method to the subscription, or only keeps it, and leaves the customer's
own default empty (https://docs.stripe.com/api/checkout/sessions/create): invoices beside the
subscription, and a trial that was begun without a card, would find nothing to charge.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from billing.accounts.account_state import Object, chosen, default_method

if TYPE_CHECKING:
    from billing.stripe_gateway import StripeGateway


def ensured_default(
    gateway: StripeGateway,
    customer: Object,
    subscription: Object | None,
    methods: Sequence[Object],
) -> str | None:
    """What is charged next; made the customer's own default where that has none."""
    method_id = default_method(customer, subscription)
    known = {one["id"] for one in methods}
    if method_id not in known:
        method_id = methods[0]["id"] if methods else None
    if method_id is not None and default_method(customer, None) not in known:
        gateway.set_default_method(customer["id"], None, method_id)
    return method_id


def chosen_method(gateway: StripeGateway, customer_id: str) -> str | None:
    """The id of what is paid with now, as Stripe knows it.

    An invoice of a subscription that has ended would be paid with what that one was paid with,
    whatever was chosen since.
    """
    subscription = chosen(gateway.subscriptions(customer_id))
    return default_method(gateway.customer(customer_id), subscription)
