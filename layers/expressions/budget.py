"""The hard limits of one evaluation, and the meter that enforces them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

from layers.expressions.errors import OverBudget

# What an evaluation may allocate on its way is a small multiple of what it may return.
WORKING_ROOM = 8
# Steps between two looks at the clock.
STRIDE = 256


@dataclass(frozen=True, slots=True)
class Budget:
    """What one evaluation may spend: steps, bytes of its result, and seconds."""

    steps: int = 100_000
    result_bytes: int = 5_000_000
    seconds: float = 1.0


class Run:
    """One evaluation under way: its scope, its loop variables, and what is left of its budget."""

    __slots__ = ("budget", "checkpoint", "deadline", "room", "scope", "slots", "steps")

    def __init__(self, scope: Mapping[str, Any], budget: Budget) -> None:
        self.scope = scope
        self.budget = budget
        self.slots: list[Any] = []
        self.steps = self.checkpoint = budget.steps
        self.room = budget.result_bytes * WORKING_ROOM
        self.deadline = monotonic() + budget.seconds

    def charge(self, steps: int) -> None:
        """Spend steps; raises OverBudget when they or the time are used up."""
        self.steps -= steps
        if self.steps < self.checkpoint:
            self.check()

    def check(self) -> None:
        """Look at what is left, and at the clock."""
        if self.steps < 0:
            raise OverBudget(
                f"The expression takes more than {self.budget.steps:,} steps. Work on fewer"
                " elements, or move the work to a python node."
            )
        if monotonic() > self.deadline:
            raise OverBudget(
                f"The expression takes longer than {self.budget.seconds:g} s. Work on less data,"
                " or move the work to a python node."
            )
        self.checkpoint = max(self.steps - STRIDE, 0)

    def take(self, size: int) -> None:
        """Reserve bytes before they are allocated; raises OverBudget when there is no room."""
        self.room -= size
        if self.room < 0:
            raise OverBudget(
                "The expression needs too much memory: texts and lists on the way may hold"
                f" {self.budget.result_bytes * WORKING_ROOM:,} bytes in total."
            )
        if size >= 1024:
            self.charge(size >> 10)

    def take_list(self, length: int) -> None:
        """Reserve a list of that many elements that are copied by reference."""
        self.take(length * 8)
        self.charge(length >> 3)
