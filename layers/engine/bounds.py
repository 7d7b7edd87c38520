"""What a plan has of one limit, by workspace, remembered for a while: it is asked for each run."""

from __future__ import annotations

from collections import OrderedDict

from layers.clock import Clock
from layers.database import Database
from layers.engine.metering import Meter, NoMeter
from layers.work import DATABASE

REMEMBER_S = 30.0
MOST_REMEMBERED = 1000


class Bounds:
    """Asks the meter at most every ``REMEMBER_S`` seconds: a new plan holds after so long."""

    def __init__(self, meter: Meter, database: Database, clock: Clock, limit_name: str) -> None:
        self._meter = meter
        self._database = database
        self._clock = clock
        self._limit_name = limit_name
        self._known: OrderedDict[str, tuple[float, int | None]] = OrderedDict()

    async def of(self, workspace_id: str) -> int | None:
        """How much a workspace's plan has; None without a limit."""
        if isinstance(self._meter, NoMeter):
            return None
        now = self._clock.now()
        asked_at, bound = self._known.get(workspace_id, (0.0, None))
        if not asked_at <= now < asked_at + REMEMBER_S:
            bound = await DATABASE.run(self._ask, workspace_id, now)
            self._known[workspace_id] = now, bound
            if len(self._known) > MOST_REMEMBERED:
                self._known.popitem(last=False)
        return bound

    def _ask(self, workspace_id: str, now: float) -> int | None:
        with self._database.reading() as connection:
            return self._meter.bound(connection, workspace_id, self._limit_name, now)
