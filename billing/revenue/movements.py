"""How the recurring revenue moved: pure, from the states that subscriptions went through."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal, Protocol

Kind = Literal["new", "expansion", "contraction", "churned", "reactivated"]


class Change(Protocol):
    """A row of ``subscription_changes``."""

    @property
    def workspace_id(self) -> str: ...
    @property
    def subscription_id(self) -> str: ...
    @property
    def at(self) -> float: ...
    @property
    def currency(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def mrr(self) -> int: ...
    @property
    def first_paid_at(self) -> float | None: ...
    @property
    def ends_at(self) -> float | None: ...
    @property
    def reason(self) -> str | None: ...


@dataclass(frozen=True)
class Movement:
    """What a workspace's recurring revenue in a currency became at one moment.

    ``amount`` is signed: what was lost is below zero. So the sum of movements is the difference.
    """

    workspace_id: str
    at: float
    currency: str
    kind: Kind
    amount: int
    is_voluntary: bool = True
    """Of what was lost: whether the customer wanted it, rather than that nothing was paid."""


@dataclass
class RevenueMovement:
    """The recurring revenue of one currency, from the beginning of a time to its end."""

    opening: int = 0
    new: int = 0
    expansion: int = 0
    contraction: int = 0
    churned: int = 0
    reactivated: int = 0

    @property
    def closing(self) -> int:
        """What it came to."""
        gained = self.new + self.expansion + self.reactivated
        return self.opening + gained + self.contraction + self.churned

    @property
    def gross_churn(self) -> float | None:
        """The part of the opening revenue that was lost; None where there was none."""
        return -(self.churned + self.contraction) / self.opening if self.opening else None

    @property
    def net_churn(self) -> float | None:
        """The same, less what those who stayed or came back pay more; below zero it grew."""
        if not self.opening:
            return None
        return -(self.churned + self.contraction + self.expansion + self.reactivated) / self.opening


@dataclass
class Payers:
    """Who paid at a moment: what each workspace paid a month, by currency."""

    amounts: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def total(self) -> dict[str, int]:
        """The recurring revenue by currency."""
        found: dict[str, int] = defaultdict(int)
        for own in self.amounts.values():
            for currency, amount in own.items():
                found[currency] += amount
        return dict(found)

    def number(self, currency: str) -> int:
        """How many pay in a currency."""
        return sum(currency in own for own in self.amounts.values())


def movements_of(changes: Iterable[Change]) -> list[Movement]:
    """Every movement, in the order of time; what happened in one moment is one.

    Of a workspace with several subscriptions their sum counts.
    """
    found: list[Movement] = []
    ordered = sorted(changes, key=lambda one: one.workspace_id)
    for workspace_id, own in groupby(ordered, key=lambda one: one.workspace_id):
        found += _movements_of_one(workspace_id, sorted(own, key=lambda one: one.at))
    return sorted(found, key=lambda one: one.at)


def _movements_of_one(workspace_id: str, changes: Sequence[Change]) -> Iterable[Movement]:
    held: dict[str, tuple[str, int]] = {}
    before: dict[str, int] = {}
    has_paid = False
    for at, together in groupby(changes, key=lambda one: one.at):
        is_voluntary = True
        for one in together:
            held[one.subscription_id] = (one.currency, one.mrr)
            is_voluntary = is_voluntary and wanted(one)
        after: dict[str, int] = defaultdict(int)
        for currency, amount in held.values():
            after[currency] += amount
        for currency in sorted({*before, *after}):
            amount = after[currency] - before.get(currency, 0)
            if amount:
                kind = _kind(before.get(currency, 0), after[currency], has_paid)
                yield Movement(workspace_id, at, currency, kind, amount, is_voluntary)
        has_paid = has_paid or any(after.values())
        before = dict(after)


def wanted(change: Change) -> bool:
    """Whether a subscription that ended was ended by its customer: not for want of payment."""
    if change.reason is None:
        return change.status != "unpaid"
    return change.reason not in {"payment_failed", "payment_disputed"}


def _kind(before: int, after: int, has_paid: bool) -> Kind:
    if before == 0:
        return "reactivated" if has_paid else "new"
    if after == 0:
        return "churned"
    return "expansion" if after > before else "contraction"


def payers_at(movements: Iterable[Movement], moment: float) -> Payers:
    """Who paid just before a moment."""
    amounts: dict[str, dict[str, int]] = {}
    for one in movements:
        if one.at >= moment:
            continue
        own = amounts.setdefault(one.workspace_id, {})
        own[one.currency] = own.get(one.currency, 0) + one.amount
        if not own[one.currency]:
            del own[one.currency]
        if not own:
            del amounts[one.workspace_id]
    return Payers(amounts)


def roll(
    movements: Iterable[Movement], opening: Payers, start: float, end: float
) -> dict[str, RevenueMovement]:
    """By currency, how the recurring revenue came from ``start`` to just before ``end``."""
    found: dict[str, RevenueMovement] = defaultdict(RevenueMovement)
    for currency, amount in opening.total.items():
        found[currency].opening = amount
    for one in movements:
        if start <= one.at < end:
            own = found[one.currency]
            setattr(own, one.kind, getattr(own, one.kind) + one.amount)
    return dict(found)
