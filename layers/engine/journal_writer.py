"""The way of a run's writes to disk, grouped with those of others."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from logging import Logger
from typing import Any

from sqlalchemy.exc import DBAPIError, OperationalError

from layers.database import GroupWriter
from layers.engine.accept import Accept
from layers.engine.journal import AppendAuditEvents, Record, Recorded
from layers.engine.metering import Meter
from layers.identity.audit import AuditEvent
from layers.queue.port import Notifier

AWAY_PAUSE_S = 0.5


class JournalWriter:
    """Commits writes; while the database is away, it keeps them for as long as a lease."""

    def __init__(
        self,
        writer: GroupWriter,
        meter: Meter,
        log: Logger,
        *,
        is_sqlite: bool,
        lease_s: float,
        is_stopping: Callable[[], bool],
    ) -> None:
        self._writer = writer
        self.meter = meter
        self.is_sqlite = is_sqlite
        self._log = log
        self._lease_s = lease_s
        self._is_stopping = is_stopping

    async def record(self, record: Record) -> Recorded:
        """Commit a write.

        Written twice it changes nothing: the epoch and the steps' final states see to that.
        """
        give_up_at = time.monotonic() + self._lease_s
        while True:
            try:
                return await self._writer.submit(record)
            except OperationalError:
                if self._is_stopping() or time.monotonic() > give_up_at:
                    raise
                self._log.warning("execution %s waits for the database", record.id)
            await asyncio.sleep(AWAY_PAUSE_S)

    async def put_on_record(self, events: Sequence[AuditEvent]) -> None:
        """Write into the audit log what happened after an execution's last write."""
        try:
            await self._writer.submit(AppendAuditEvents(events))
        except DBAPIError:
            self._log.exception("%d entries of the audit log could not be written", len(events))


def notify(notifier: Notifier, writes: Sequence[Any], results: Sequence[Any]) -> None:
    """Notify once after a commit, if anything was accepted that is left for a worker to do."""
    for write, result in zip(writes, results, strict=True):
        if (
            isinstance(write, Accept)
            and result.execution_id
            and not (result.leased or result.duplicate or result.held)
        ):
            notifier.notify(result.execution_id)
            return
