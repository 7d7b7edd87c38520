"""The way of a run's writes to disk, grouped with those of others."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from logging import Logger

from sqlalchemy.exc import DBAPIError, OperationalError

from layers.database import GroupWriter
from layers.engine.journal import PutOnRecord, Record, Recorded
from layers.engine.metering import Meter
from layers.identity.audit import AuditEvent

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
            await self._writer.submit(PutOnRecord(events))
        except DBAPIError:
            self._log.exception("%d entries of the audit log could not be written", len(events))
