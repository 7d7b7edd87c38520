"""What is assumed of people: chosen, not measured. Whoever has measured puts their figures here."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Assumptions:
    """Probabilities, by day where nothing else is said."""

    currencies: dict[str, float] = field(
        default_factory=lambda: {"usd": 0.55, "eur": 0.30, "jpy": 0.15}
    )
    median_executions: float = 700.0
    """A month, of the middle workspace; how far others are from it is lognormal."""
    spread: float = 1.7
    growth: float = 0.03
    """By which what somebody uses grows each month."""
    uses_ai: float = 0.35
    median_tokens: float = 60_000.0
    tries_when_curious: float = 0.012
    """Within the first two weeks, whatever they use."""
    curious_days: int = 14
    tries_at_limit: float = 0.10
    """Each day that the plan Free is used up."""
    yearly: float = 0.22
    team_above: float = 10_000.0
    """Who needs more executions than that chooses Team rather than Pro."""
    begins_small: float = 0.5
    """Of those who need Team, who begins with Pro all the same."""
    seats: tuple[float, ...] = (0.70, 0.18, 0.08, 0.04)
    """Of Team, for one, two, three and four; a Pro is one."""
    leaves_trial: float = 0.30
    """Who needs more than Free has; who does not leaves with ``leaves_trial_unneeded``."""
    leaves_trial_unneeded: float = 0.62
    card_fails_after_trial: float = 0.04
    coupon: float = 0.10
    """Who comes with 20 % off for three months."""
    leaves: float = 0.033
    """Each month, who pays by the month and needs what is paid for."""
    leaves_unneeded: float = 0.075
    """Who does not need it."""
    leaves_yearly: float = 0.012
    comes_back: float = 0.02
    """Each month, who left."""
    card_fails: float = 0.035
    """Each month."""
    mends_card: float = 0.08
    """Each day while a payment is due."""
    adds_seat: float = 0.02
    """Each month, on Team."""
    drops_seat: float = 0.008
    upgrades_when_full: float = 0.05
    """Each day that Pro is used up."""
    agrees_to_overage: float = 0.04
    """Each day that a monthly plan is used up."""
    downgrades: float = 0.05
    """Each month, who is on Team and would do with Pro."""
    refunded: float = 0.01
    """Each month, the newest invoice in full."""
