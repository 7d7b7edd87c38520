"""What each status of a subscription grants: the one table (see docs/billing.md).

The statuses are Stripe's (https://docs.stripe.com/billing/subscriptions/overview).
"""

from __future__ import annotations

from dataclasses import dataclass

DAY_S = 86_400.0


@dataclass(frozen=True)
class Grant:
    """Whether the plan that was paid for holds; ``grace_days`` for how long, None for ever."""

    plan: bool
    grace_days: int | None = None
    banner: str | None = None
    """What the app tells, by the name of a text."""


GRANTS: dict[str, Grant] = {
    "trialing": Grant(plan=True, banner="trial"),
    "active": Grant(plan=True),
    # Stripe tries the card again for about two weeks.
    "past_due": Grant(plan=True, grace_days=14, banner="past_due"),
    "unpaid": Grant(plan=False, banner="unpaid"),
    "canceled": Grant(plan=False),
    # The first payment waits for a confirmation (3-D Secure): nothing is paid yet.
    "incomplete": Grant(plan=False, banner="incomplete"),
    "incomplete_expired": Grant(plan=False),
    # A trial that ended without a card.
    "paused": Grant(plan=False, banner="paused"),
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
