"""Room for what steps may use, where a plan or a budget bounds that."""

from __future__ import annotations

from layers.clock import Clock
from layers.database import Database
from layers.engine.metering import Meter, NoMeter, Reservation
from layers.work import DATABASE


class Quotas:
    """Asks the meter, each time in a transaction of its own."""

    def __init__(self, meter: Meter, database: Database, clock: Clock) -> None:
        self._meter = meter
        self._database = database
        self._clock = clock

    async def reserve(self, reservation: Reservation) -> bool:
        """Keep room for what a step may use, if its plan or a budget bounds that.

        Says whether something was reserved. Raises an error with status 402 where there is none.
        """
        one = reservation
        if not await self.is_bounded(one.workspace_id, one.workflow_id, one.limit_name):
            return False
        await DATABASE.run(self._reserve, reservation)
        return True

    async def is_bounded(self, workspace_id: str, workflow_id: str, limit_name: str) -> bool:
        """Whether room has to be reserved in it before a step uses it."""
        if isinstance(self._meter, NoMeter):
            return False
        return await DATABASE.run(self._is_bounded, workspace_id, workflow_id, limit_name)

    async def release(self, reservation_id: str) -> None:
        """Give up a reservation of which nothing was used."""
        await DATABASE.run(self._release, reservation_id)

    def _reserve(self, reservation: Reservation) -> None:
        self._database.transact(
            lambda connection: self._meter.reserve(connection, reservation, self._clock.now())
        )

    def _is_bounded(self, workspace_id: str, workflow_id: str, limit_name: str) -> bool:
        with self._database.reading() as connection:
            return self._meter.is_bounded(connection, workspace_id, workflow_id, limit_name)

    def _release(self, reservation_id: str) -> None:
        self._database.transact(lambda connection: self._meter.release(connection, reservation_id))
