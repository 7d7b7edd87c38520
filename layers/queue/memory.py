"""A bell within one process: for tests, and for ``treadle run``."""

from __future__ import annotations

from collections.abc import Callable


class MemoryBell:
    """Remembers who rang, and tells whoever listens at once."""

    def __init__(self) -> None:
        self.rung: list[str] = []
        self._heard: list[Callable[[str], object]] = []

    def ring(self, execution_id: str) -> None:
        """Note the ring and pass it on."""
        self.rung.append(execution_id)
        for heard in self._heard:
            heard(execution_id)

    def listen(self, heard: Callable[[str], object]) -> None:
        """Pass later rings on to ``heard``, in the ringer's thread."""
        self._heard.append(heard)

    def close(self) -> None:
        """Forget the listeners."""
        self._heard.clear()
