"""The one source of the present moment, so that a test can hold it still."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time; every part that needs it is handed one."""

    def now(self) -> float:
        """Return seconds since the Unix epoch (UTC)."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> float:
        """Return seconds since the Unix epoch (UTC)."""
        return time.time()


class SteadyClock:
    """The machine's clock as it was at first, counted on whatever is done to it since."""

    def __init__(self) -> None:
        self._began = time.time() - time.monotonic()

    def now(self) -> float:
        """Return seconds since the Unix epoch (UTC)."""
        return self._began + time.monotonic()


class ManualClock:
    """A clock that moves only when told to: shipped for tests and simulations."""

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        self.moment = start

    def now(self) -> float:
        """Return the moment that was set."""
        return self.moment

    def advance(self, seconds: float) -> None:
        """Move forward by that many seconds."""
        self.moment += seconds


def rfc3339(moment: float | None) -> str | None:
    """Write a moment as an RFC 3339 UTC timestamp with milliseconds, or None for None."""
    if moment is None:
        return None
    text = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
