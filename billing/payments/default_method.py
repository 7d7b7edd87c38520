"""What a customer pays with where nothing else was chosen.

Stripe's Checkout gives a method to the subscription, or only keeps it, and leaves the customer's
own default empty (https://docs.stripe.com/api/checkout/sessions/create): invoices beside the
subscription, and a trial that was begun without a card, would find nothing to charge.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row

from billing.accounts.account_state import Object, default_method
from layers import jsontext

if TYPE_CHECKING:
    from billing.stripe_gateway import StripeGateway


def ensured_default(
    gateway: StripeGateway,
    customer: Object,
    subscription: Object | None,
    methods: Sequence[Object],
) -> str | None:
    """What is charged next; made the customer's own default where that has none."""
    chosen = default_method(customer, subscription)
    known = {one["id"] for one in methods}
    if chosen not in known:
        chosen = methods[0]["id"] if methods else None
    if chosen is not None and default_method(customer, None) not in known:
        gateway.set_default_method(customer["id"], None, chosen)
    return chosen


def chosen_method(account: Row[Any]) -> str | None:
    """The id of what the workspace pays with now.

    An invoice of a subscription that has ended would be paid with what that one was paid with,
    whatever was chosen since.
    """
    kept = jsontext.loads(account.payment_methods or "[]")
    return next((str(one["id"]) for one in kept if one["is_default"]), None)
