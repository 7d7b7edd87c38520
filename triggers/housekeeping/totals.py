"""Counts what was accepted and what ended, for ``/metrics``; what is deleted stays counted."""

from __future__ import annotations

from layers.clock import Clock
from layers.database import Database
from layers.database.repositories.figures import count_up
from layers.work import DATABASE

EVERY_S = 10.0
SETTLED_S = 15.0
"""What is so old is committed, whichever process wrote it and by whichever clock."""


class ExecutionTotals:
    """Counts every ten seconds what is new; two schedulers take turns."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._next = 0.0

    async def count(self) -> None:
        """Count, if it is time to."""
        if self._clock.now() >= self._next:
            await self.count_now()

    async def count_now(self) -> None:
        """Count, whenever it was done last."""
        now = self._clock.now()
        self._next = now + EVERY_S
        await DATABASE.run(self._count, now - SETTLED_S)

    def _count(self, to: float) -> None:
        with self._database.writing() as connection:
            count_up(connection, to)
