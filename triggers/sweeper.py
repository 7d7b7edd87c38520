"""Notifies workers again of what a crash, a lost message or the passing of time has left due."""

from __future__ import annotations

from layers.clock import Clock
from layers.database import Database
from layers.engine.lease import due_executions
from layers.queue import Notifier
from layers.work import DATABASE

PATIENCE_S = 0.5
"""How long a fresh execution has for its own notice to be heard."""
NOTICES = 4


class Sweeper:
    """Looks at the database, which is the queue, and notifies workers of what nobody is running.

    One notice wakes a worker, and a worker that wakes takes all there is: a few are enough
    for any backlog.
    """

    def __init__(self, database: Database, notifier: Notifier, clock: Clock) -> None:
        self._database = database
        self._notifier = notifier
        self._clock = clock

    async def sweep(self) -> int:
        """Notify workers of overdue executions; returns for how many."""
        due = await DATABASE.run(self._due)
        for execution_id in due:
            self._notifier.notify(execution_id)
        return len(due)

    def _due(self) -> list[str]:
        with self._database.reading() as connection:
            return due_executions(connection, self._clock.now() - PATIENCE_S, NOTICES)
