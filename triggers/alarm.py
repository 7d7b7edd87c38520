"""What wakes a scheduler before its next tick."""

from __future__ import annotations

import asyncio
import contextlib


class Alarm:
    """Rings once for all that happened since it was last waited for. Used on one event loop."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Wake whoever waits, or is about to."""
        self._event.set()

    async def wait(self, seconds: float) -> None:
        """Wait until it rings, at most so long."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._event.wait(), seconds)
        self._event.clear()
