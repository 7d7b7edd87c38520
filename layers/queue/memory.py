"""A notifier within one process: for tests, and for ``treadle run``."""

from __future__ import annotations

from collections.abc import Callable


class MemoryNotifier:
    """Remembers what was notified, and tells whoever listens at once."""

    def __init__(self) -> None:
        self.notified: list[str] = []
        self._heard: list[Callable[[str], object]] = []

    def notify(self, execution_id: str) -> None:
        """Note it and pass it on."""
        self.notified.append(execution_id)
        for heard in self._heard:
            heard(execution_id)

    def listen(self, heard: Callable[[str], object]) -> None:
        """Pass later notices on to ``heard``, in the notifying thread."""
        self._heard.append(heard)

    def close(self) -> None:
        """Forget the listeners."""
        self._heard.clear()
