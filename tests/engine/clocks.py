"""A clock for stories in which time is what matters, on machines of any load."""

from __future__ import annotations

from layers.clock import SystemClock


class HandyClock(SystemClock):
    """The machine's clock, which can be held still, and skips what nobody wants to wait for."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._held: float | None = None

    def now(self) -> float:
        """Return the moment it shows."""
        return super().now() + self._ahead if self._held is None else self._held

    def skip(self, seconds: float) -> None:
        """Go forward by that many seconds at once."""
        self._ahead += seconds

    def hold(self) -> None:
        """Stand still at this moment."""
        self._held = self.now()

    def go_on(self) -> None:
        """Go on from the moment at which it stood still."""
        if self._held is not None:
            self._ahead = self._held - super().now()
            self._held = None
