"""Looks through what waits for executions whose wake was lost, a part of them each time."""

from __future__ import annotations

from layers.clock import Clock
from layers.database import Database
from layers.engine.reconcile import reconcile
from layers.log import logger
from layers.queue import Notifier

EVERY_S = 60.0
MOST_SEEN = 1000
WANTED = "EXISTS (SELECT 1 FROM executions WHERE status = 'waiting')"


class ForgottenExecutions:
    """Wakes executions that wait for something that has happened already."""

    def __init__(self, database: Database, notifier: Notifier, clock: Clock) -> None:
        self._database = database
        self._notifier = notifier
        self._clock = clock
        self._after = ""

    def wake_now(self) -> int:
        """Look at the next that wait; returns how many were woken. Not for the event loop."""
        found = self._database.transact(
            lambda connection: reconcile(connection, self._after, self._clock.now(), MOST_SEEN)
        )
        self._after = found.after
        for execution_id in found.woken:
            logger("scheduler").warning("execution %s waited for nothing; woken", execution_id)
            self._notifier.notify(execution_id)
        return len(found.woken)
