"""How much is deleted in one transaction, and how long what deletes rests after it."""

from __future__ import annotations

from dataclasses import dataclass

BEHIND_S = 600.0
"""What should have gone so long ago says that deleting does not keep up with accepting."""


@dataclass(frozen=True)
class Gear:
    """A transaction is to hold others up for ``hold_s`` at most, but deletes ``fewest`` at least.

    After it others have ``rest`` times as long for themselves.
    """

    hold_s: float
    fewest: int
    rest: float


@dataclass(frozen=True)
class Gears:
    """One to go by as long as deleting keeps up, and one for when it has fallen behind."""

    calm: Gear
    behind: Gear


SQLITE = Gears(calm=Gear(0.015, 50, 4.0), behind=Gear(0.03, 200, 1.0))
"""Whoever deletes has the only place to write."""
POSTGRESQL = Gears(calm=Gear(0.25, 500, 1.0), behind=Gear(0.5, 1_000, 0.5))
"""Nobody waits for it, but the server's processors are shared."""
MOST = 5_000


class Pace:
    """``batch`` is how many rows go next; it follows how long the last ones took."""

    def __init__(self, gears: Gears) -> None:
        self._gears = gears
        self.batch = gears.calm.fewest

    def took(self, held_s: float, late_s: float) -> float:
        """Learn from a transaction; returns for how many seconds to rest.

        ``held_s`` is how long it held others up, without what it waited for its own turn, and
        ``late_s`` how long ago the first of what it deleted should have gone.
        """
        gear = self._gears.behind if late_s > BEHIND_S else self._gears.calm
        if held_s > gear.hold_s:
            self.batch //= 2
        elif held_s < gear.hold_s / 2:
            self.batch *= 2
        self.batch = min(max(self.batch, gear.fewest), MOST)
        return held_s * gear.rest
