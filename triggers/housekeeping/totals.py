"""Counts what was accepted and what ended, for ``/metrics``; what is deleted stays counted."""

from __future__ import annotations

from layers.clock import Clock
from layers.database import Database
from layers.database.repositories.figures import count_up
from layers.work import DATABASE

EVERY_S = 30.0
SETTLED_S = 15.0
"""What is so old is committed, whichever process wrote it and by whichever clock."""


class ExecutionTotals:
    """Counts what is new; two schedulers take turns."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def count_now(self) -> None:
        """Count what is new and settled."""
        await DATABASE.run(self._count, self._clock.now() - SETTLED_S)

    def _count(self, to: float) -> None:
        with self._database.writing() as connection:
            count_up(connection, to)
