"""Rings again for what a crash, a lost message or the passing of time has left due."""

from __future__ import annotations

from layers.clock import Clock
from layers.database import Database
from layers.engine.lease import due_executions
from layers.queue import Bell
from layers.work import DATABASE

PATIENCE_S = 0.5
"""How long a fresh execution has for its own ring to be heard."""
RINGS = 4


class Sweeper:
    """Looks at the database, which is the queue, and rings for what nobody is running.

    One ring wakes a worker, and a worker that wakes takes all there is: a few rings are enough
    for any backlog.
    """

    def __init__(self, database: Database, bell: Bell, clock: Clock) -> None:
        self._database = database
        self._bell = bell
        self._clock = clock

    async def sweep(self) -> int:
        """Ring for overdue executions; returns for how many."""
        due = await DATABASE.run(self._due)
        for execution_id in due:
            self._bell.ring(execution_id)
        return len(due)

    def _due(self) -> list[str]:
        with self._database.reading() as connection:
            return due_executions(connection, self._clock.now() - PATIENCE_S, RINGS)
