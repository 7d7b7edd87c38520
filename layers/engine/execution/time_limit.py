"""How long an execution may take: by its workflow's settings, or by its workspace's plan."""

from __future__ import annotations

from layers.clock import Clock
from layers.engine.core.state import TimedOut


class TimeLimit:
    """Counts the time in which an execution is run; what rests uses none."""

    def __init__(self, clock: Clock, used_s: float, own_s: float, longest_s: float | None) -> None:
        """``used_s`` went by under former leases, ``longest_s`` is what the plan allows."""
        self._clock = clock
        self._began = clock.now()
        self._used_s = used_s
        self._by_plan = longest_s is not None and longest_s < own_s
        self._limit_s = longest_s if longest_s is not None and self._by_plan else own_s

    @property
    def active_s(self) -> float:
        """Seconds since the lease began."""
        return self._clock.now() - self._began

    @property
    def left_s(self) -> float:
        """Seconds that are left; below zero when it took too long."""
        return self._limit_s - self._used_s - self.active_s

    def event(self) -> TimedOut:
        """What the core is told when no time is left."""
        return TimedOut(self._limit_s, by_plan=self._by_plan)
