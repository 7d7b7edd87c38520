"""What is asked of Stripe, in our words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from billing.taxes.terms import LEFT_ALONE, TaxTerms

Object = dict[str, Any]


@dataclass(frozen=True)
class Checkout:
    """What a person is to pay for on Stripe's page, and where it leads back to."""

    customer_id: str
    items: Sequence[Object]
    metadata: Mapping[str, str]
    success_url: str
    cancel_url: str
    trial_days: int = 0
    tax: TaxTerms = LEFT_ALONE
    promotion_code: str | None = None
    """The id of a code that is redeemed with it."""
    asks_for_code: bool = False
    """Whether the page asks for a promotion code; not where one is redeemed already."""


@dataclass(frozen=True)
class ScheduledChange:
    """What a subscription is to become when its period ends, for the first period of it.

    ``schedule_id`` is of the schedule that it has already; ``now`` in Unix seconds.
    """

    subscription_id: str
    schedule_id: str | None
    items: Sequence[Object]
    metadata: Mapping[str, str]
    interval: str
    now: int


@dataclass(frozen=True)
class Change:
    """Another state of a subscription's items, and how the rest of the period is settled."""

    subscription_id: str
    items: Sequence[Object]
    proration_date: int
    metadata: Mapping[str, str] = field(default_factory=dict)
    based_on: str = ""
    """Stands for the state that is changed: of another state it is another change."""
    tax: TaxTerms = LEFT_ALONE
