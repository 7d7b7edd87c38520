"""Movements of the recurring revenue, customers, and trials: each definition by a small history."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest

from billing.revenue.customers import (
    ChurnedCustomers,
    CustomerMovement,
    Trials,
    customer_roll,
    lost,
    trials,
)
from billing.revenue.movements import Movement, RevenueMovement, movements_of, payers_at, roll
from billing.revenue.states import monthly


@dataclass(frozen=True)
class State:
    """A row of the history."""

    workspace_id: str
    at: float
    mrr: int
    status: str = "active"
    currency: str = "usd"
    subscription_id: str = ""
    first_paid_at: float | None = None
    ends_at: float | None = None
    reason: str | None = None


def kinds(*states: State) -> list[tuple[float, str, int]]:
    return [(one.at, one.kind, one.amount) for one in movements_of(states)]


def paid(workspace: str, at: float, mrr: int, subscription: str = "s") -> State:
    """Something that pays."""
    return State(workspace, at, mrr, subscription_id=f"{workspace}{subscription}", first_paid_at=at)


def gone(workspace: str, at: float, subscription: str = "s", reason: str | None = None) -> State:
    """Something that has ended."""
    why = reason or "cancellation_requested"
    own = f"{workspace}{subscription}"
    return State(workspace, at, 0, "canceled", subscription_id=own, first_paid_at=1.0, reason=why)


@pytest.mark.parametrize(
    ("amount", "interval", "expected"),
    [
        (2000, "month", 2000),
        (19_200, "year", 1600),
        (100, "year", 8),
        (6, "year", 1),
        (5, "year", 0),
    ],
)
def test_a_year_is_twelve_months(amount: int, interval: str, expected: int) -> None:
    assert monthly(amount, interval) == expected


def test_a_first_payment_is_new_and_more_is_expansion() -> None:
    assert kinds(paid("a", 1, 2000), paid("a", 2, 8000), paid("a", 3, 2000)) == [
        (1, "new", 2000),
        (2, "expansion", 6000),
        (3, "contraction", -6000),
    ]


def test_who_comes_back_is_not_new() -> None:
    assert kinds(paid("a", 1, 2000), gone("a", 2), paid("a", 3, 8000, "t")) == [
        (1, "new", 2000),
        (2, "churned", -2000),
        (3, "reactivated", 8000),
    ]


def test_what_happens_in_one_moment_is_one_movement() -> None:
    assert kinds(paid("a", 1, 2000), gone("a", 2), paid("a", 2, 8000, "t")) == [
        (1, "new", 2000),
        (2, "expansion", 6000),
    ]


def test_two_subscriptions_of_a_workspace_are_one_customer() -> None:
    assert kinds(paid("a", 1, 2000), paid("a", 2, 500, "t"), gone("a", 3, "t")) == [
        (1, "new", 2000),
        (2, "expansion", 500),
        (3, "contraction", -500),
    ]


def test_currencies_are_apart() -> None:
    yen = State("a", 2, 3000, currency="jpy", subscription_id="y")
    found = movements_of([paid("a", 1, 2000), gone("a", 2), yen])
    assert [(one.currency, one.kind, one.amount) for one in found] == [
        ("usd", "new", 2000),
        ("jpy", "reactivated", 3000),
        ("usd", "churned", -2000),
    ]
    rolled = roll(found, payers_at(found, 2), 2, 3)
    assert rolled["usd"] == RevenueMovement(opening=2000, churned=-2000)
    assert rolled["jpy"] == RevenueMovement(reactivated=3000)


def test_gross_and_net_revenue_churn() -> None:
    own = RevenueMovement(opening=10_000, new=5000, expansion=300, contraction=-500, churned=-1500)
    assert own.closing == 13_300
    assert own.gross_churn == 0.2
    assert own.net_churn == pytest.approx(0.17)
    assert RevenueMovement(new=1).gross_churn is None
    assert RevenueMovement(opening=100, expansion=50).net_churn == -0.5


def test_unpaid_is_lost_against_the_will() -> None:
    left = [paid("a", 1, 2000), gone("a", 5)]
    unpaid = [paid("b", 1, 2000), State("b", 5, 0, "unpaid", subscription_id="bs")]
    refused = [paid("c", 1, 2000), gone("c", 5, reason="payment_failed")]
    stays = [paid("d", 1, 2000)]
    back = [paid("e", 1, 2000), gone("e", 4), paid("e", 5, 2000, "t")]
    found = movements_of([*left, *unpaid, *refused, *stays, *back])
    counted = lost(found, payers_at(found, 2), payers_at(found, 9))
    assert counted == ChurnedCustomers(voluntary=1, involuntary=2)
    assert customer_roll(found, 2, 9) == CustomerMovement(5, new=0, reactivated=1, churned=4)


def trial(name: str, end: str, at: float, paid_at: float | None = None) -> list[State]:
    began = State(name, 1, 0, "trialing", subscription_id=name)
    return [began, State(name, at, 0, end, subscription_id=name, first_paid_at=paid_at)]


def test_a_trial_is_decided_by_a_payment_or_an_end_without_one() -> None:
    states = [
        *trial("converted", "active", 5, 5),
        *trial("left", "canceled", 5),
        *trial("no card", "paused", 5),
        *trial("retried", "past_due", 5),
        *trial("refused", "unpaid", 5),
        *trial("later", "active", 12, 12),
        paid("never tried", 5, 2000),
    ]
    assert trials(states, 2, 10) == Trials(ended=4, converted=1)
    assert trials(states, 2, 10).conversion == 0.25
    assert trials(states, 20, 30).conversion is None


@pytest.mark.parametrize("seed", range(200))
def test_movements_sum_to_the_difference(seed: int) -> None:
    """For random histories, of any times, and in any currency."""
    chance = random.Random(seed)
    states = [
        State(
            workspace_id=(workspace := chance.choice("abcde")),
            at=float(chance.randrange(40)),
            mrr=chance.choice([0, 0, 500, 2000, 8000]),
            currency=(currency := chance.choice(["usd", "eur", "jpy"])),
            subscription_id=f"{workspace}{currency}{chance.randrange(2)}",
        )
        for _ in range(chance.randrange(1, 60))
    ]
    found = movements_of(states)
    start, end = sorted((chance.randrange(41), chance.randrange(41)))
    opening, closing = payers_at(found, start), payers_at(found, end)
    assert closing.total == standing(states, end)
    rolled = roll(found, opening, start, end)
    assert {c: one.closing for c, one in rolled.items() if one.closing} == closing.total
    customers = customer_roll(found, start, end)
    assert customers.opening == len(opening.amounts)
    assert customers.closing == len(closing.amounts)
    assert all(signs_are_right(one) for one in found)


def standing(states: list[State], end: float) -> dict[str, int]:
    """The recurring revenue before a moment, summed another way: each subscription's last."""
    last: dict[str, State] = {}
    for one in sorted(states, key=lambda one: one.at):
        if one.at < end:
            last[one.subscription_id] = one
    found: dict[str, int] = {}
    for one in last.values():
        if one.mrr:
            found[one.currency] = found.get(one.currency, 0) + one.mrr
    return found


def signs_are_right(movement: Movement) -> bool:
    return (movement.amount < 0) == (movement.kind in {"churned", "contraction"})
