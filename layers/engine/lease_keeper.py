"""Keeping the leases of what a process runs, and hearing what is wanted of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Protocol

from layers.clock import Clock
from layers.database import Database, GroupWriter
from layers.database.clock import DatabaseClock
from layers.engine.lease import Renew, release_slot
from layers.engine.rows import ExecutionRow
from layers.log import logger
from layers.work import DATABASE

CONTROL_S = 1.0
"""How often is looked whether a run was cancelled, or taken over."""


class LeasedRun(Protocol):
    """A run, as far as its lease goes."""

    @property
    def row(self) -> ExecutionRow: ...

    def cancel(self) -> None:
        """Stop at the next chance and end as cancelled."""
        ...

    def lose(self) -> None:
        """Stop at once and write nothing."""
        ...


class LeaseKeeper:
    """Renews leases when a quarter of their time has gone by, by the clock that all share."""

    def __init__(
        self, owner: str, database: Database, writer: GroupWriter, clock: Clock, lease_s: float
    ) -> None:
        self._owner = owner
        self._database = database
        self._writer = writer
        self._clock = clock
        self._lease_s = lease_s
        self._renewed_at = clock.now()
        self._asked_at = time.monotonic()

    async def keep(self, runs: Mapping[str, LeasedRun]) -> None:
        """Keep the leases of these runs until cancelled; who comes and goes is seen each time."""
        while True:
            await asyncio.sleep(CONTROL_S)
            try:
                if runs:
                    await self._renew(runs)
                await self._set_clock()
            except Exception:  # noqa: BLE001 - as long as the lease lasts there is another chance
                logger("engine").exception("leases could not be renewed")

    async def _set_clock(self) -> None:
        """Clocks of machines differ, and drift: ask the database's as often as leases need it."""
        if not isinstance(self._clock, DatabaseClock):
            return
        if time.monotonic() - self._asked_at >= self._lease_s / 4:
            await DATABASE.run(self._clock.ask, self._database)
            self._asked_at = time.monotonic()

    async def _renew(self, runs: Mapping[str, LeasedRun]) -> None:
        now = self._clock.now()
        is_time = now - self._renewed_at >= self._lease_s / 4
        if is_time:
            self._renewed_at = now
        epochs = {name: run.row.epoch for name, run in runs.items()}
        lease_s = self._lease_s if is_time else 0.0
        renewed = await self._writer.submit(Renew(self._owner, now, lease_s, epochs))
        for name in renewed.lost:
            if name in runs:
                runs[name].lose()
        for name in renewed.cancelled:
            if name in runs:
                runs[name].cancel()


def take_over(database: Database, slot: str, clock: Clock) -> int:
    """Set the clock, and give up the leases of a dead predecessor in the same slot, if it has one.

    Returns how many there were.
    """
    if isinstance(clock, DatabaseClock):
        clock.ask(database)
    if not slot:
        return 0
    return database.transact(lambda connection: release_slot(connection, slot, clock.now()))
