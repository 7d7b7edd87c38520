"""The notifier: it says that there is work, the database says what it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Notifier(Protocol):
    """Wakes workers. Losing every notice loses nothing, because the sweeper sends it again."""

    def notify(self, execution_id: str) -> None:
        """Tell a worker to look at this execution; never raises, never waits long."""
        ...

    def listen(self, heard: Callable[[str], object]) -> None:
        """Call ``heard`` in a thread of its own for every notice, until ``close``."""
        ...

    def close(self) -> None:
        """Stop listening and let go of connections."""
        ...
