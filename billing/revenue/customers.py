"""Customers rather than money: who came, left and came back, and what became of trials; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from billing.revenue.movements import Change, Movement, Payers


@dataclass
class CustomerMovement:
    """How many paid, from the beginning of a time to its end; moves count each time."""

    opening: int = 0
    new: int = 0
    reactivated: int = 0
    churned: int = 0

    @property
    def closing(self) -> int:
        """How many paid at the end."""
        return self.opening + self.new + self.reactivated - self.churned


@dataclass
class ChurnedCustomers:
    """Those who paid at the beginning of a time, and did not at its end."""

    voluntary: int = 0
    involuntary: int = 0

    @property
    def total(self) -> int:
        """Both."""
        return self.voluntary + self.involuntary


@dataclass
class Trials:
    """Trials that were decided in a time: by the first payment, or by an end without one."""

    ended: int = 0
    converted: int = 0

    @property
    def conversion(self) -> float | None:
        """The part that became paying; None where none ended."""
        return self.converted / self.ended if self.ended else None


def customer_roll(movements: Iterable[Movement], start: float, end: float) -> CustomerMovement:
    """Count who came and left; ``movements`` are those of all time, in their order."""
    found = CustomerMovement()
    ordered = sorted(movements, key=lambda one: (one.workspace_id, one.at))
    for _workspace, own in groupby(ordered, key=lambda one: one.workspace_id):
        held: dict[str, int] = {}
        has_paid = False
        for at, together in groupby(own, key=lambda one: one.at):
            if at >= end:
                break
            paid = any(held.values())
            for one in together:
                held[one.currency] = held.get(one.currency, 0) + one.amount
            pays = any(held.values())
            if at < start:
                found.opening += pays - paid
            elif pays and not paid:
                found.reactivated += has_paid
                found.new += not has_paid
            elif paid and not pays:
                found.churned += 1
            has_paid = True
    return found


def lost(movements: Sequence[Movement], opening: Payers, closing: Payers) -> ChurnedCustomers:
    """Who of the opening does not pay any more; why is told by the last that was lost."""
    gone = opening.amounts.keys() - closing.amounts.keys()
    last = {one.workspace_id: one for one in movements if one.workspace_id in gone}
    found = ChurnedCustomers()
    for workspace_id in gone:
        if last[workspace_id].is_voluntary:
            found.voluntary += 1
        else:
            found.involuntary += 1
    return found


UNDECIDED = frozenset({"trialing", "past_due", "active"})
"""After the end of a trial Stripe tries the card for a while: that is neither paid nor over."""


def trials(changes: Iterable[Change], start: float, end: float) -> Trials:
    """Count the trials that were decided."""
    found = Trials()
    ordered = sorted(changes, key=lambda one: (one.subscription_id, one.at))
    for _subscription, own in groupby(ordered, key=lambda one: one.subscription_id):
        states = list(own)
        if states[0].status != "trialing":
            continue
        decided = next((one for one in states if _is_decided(one)), None)
        if decided is not None and start <= decided.at < end:
            found.ended += 1
            found.converted += decided.first_paid_at is not None
    return found


def _is_decided(change: Change) -> bool:
    return change.first_paid_at is not None or change.status not in UNDECIDED
