"""What each status of a subscription grants, and what leads out of it: the one table.

The statuses are Stripe's (https://docs.stripe.com/billing/subscriptions/overview); the same table
in words is in docs/billing.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DAY_S = 86_400.0
Action = Literal["checkout", "change", "cancel", "resume", "pay", "add_payment_method", "end_now"]
"""What somebody who pays may do: ``cancel`` ends with the period, ``end_now`` at once, ``resume``
takes a cancellation back, or goes on after a trial that ended without a card."""

HOWS: dict[Action, str] = {
    "pay": "pay what is open (/billing/pay)",
    "add_payment_method": "add a payment method",
    "resume": "let it go on (/billing/resume)",
    "end_now": "end it at once (/billing/cancel with at: now)",
    "change": "change it (/billing/change)",
    "cancel": "let it end with its period (/billing/cancel)",
    "checkout": "begin one (/billing/checkout)",
}
"""The same in words, for who was refused something else."""


@dataclass(frozen=True)
class Grant:
    """Whether the plan that was paid for holds; ``grace_days`` for how long, None for ever."""

    plan: bool
    grace_days: int | None = None
    banner: str | None = None
    """What the app tells, by the name of a text."""
    actions: tuple[Action, ...] = ()
    """What may be done, the first being what most would do."""


GRANTS: dict[str, Grant] = {
    "trialing": Grant(
        plan=True, banner="trial", actions=("change", "cancel", "resume", "add_payment_method")
    ),
    "active": Grant(plan=True, actions=("change", "cancel", "resume", "add_payment_method")),
    # Stripe tries the card again for about two weeks. Nothing is changed before it is paid.
    "past_due": Grant(
        plan=True,
        grace_days=14,
        banner="past_due",
        actions=("pay", "add_payment_method", "cancel", "resume", "end_now"),
    ),
    "unpaid": Grant(plan=False, banner="unpaid", actions=("pay", "add_payment_method", "end_now")),
    "canceled": Grant(plan=False, actions=("checkout",)),
    # The first payment waits for a confirmation (3-D Secure): nothing is paid yet.
    "incomplete": Grant(plan=False, banner="incomplete", actions=("pay", "end_now")),
    "incomplete_expired": Grant(plan=False, actions=("checkout",)),
    # A trial that ended without a card.
    "paused": Grant(
        plan=False, banner="paused", actions=("add_payment_method", "resume", "end_now")
    ),
}
"""What is not granted falls back to Free; nothing is deleted by that, ever."""

ALIVE = frozenset({"trialing", "active", "past_due", "unpaid", "incomplete", "paused"})
"""With one of these there is a subscription already: no second one is begun."""


def grants_plan(status: str | None, past_due_since: float | None, now: float) -> bool:
    """Say whether the plan of a subscription with this status holds now."""
    grant = GRANTS.get(status or "")
    if grant is None or not grant.plan:
        return False
    if grant.grace_days is None or past_due_since is None:
        return True
    return now < past_due_since + grant.grace_days * DAY_S


def actions_of(status: str | None, is_ending: bool) -> tuple[Action, ...]:
    """What may be done with a subscription of this status; ``is_ending``: with its period."""
    if status is None:
        return ("checkout",)
    grant = GRANTS.get(status, Grant(plan=False))
    # Of a cancellation and taking it back only one makes sense, but where resuming is another's.
    left_out = "cancel" if is_ending else "resume"
    return tuple(one for one in grant.actions if one != left_out or status == "paused")
