"""How much is deleted in one transaction: as much as nobody has to wait for long."""

from __future__ import annotations

HOLD_S = 0.05
"""For so long others may have to wait for a place to write (SQLite)."""
FEWEST = 50
MOST = 2_000


class Pace:
    """``batch`` is how many rows go next; it follows how long the last ones took."""

    def __init__(self) -> None:
        self.batch = FEWEST

    def took(self, seconds: float) -> None:
        """Learn from the last transaction."""
        if seconds > HOLD_S:
            self.batch = max(self.batch // 2, FEWEST)
        elif seconds < HOLD_S / 2:
            self.batch = min(self.batch * 2, MOST)
