"""Looks at what is due, and has each room begin with it; waits for none of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from layers.log import logger
from triggers.assembly import Parts
from triggers.due import Due
from triggers.sweeper import PATIENCE_S
from triggers.threads import Threads

TICK_S = 1.0
SHORTEST_PAUSE_S = 0.01


class Scheduler:
    """Looks every second, or earlier when something comes due or has ended.

    What is due is begun beside it: a poll, a sweep or a job that is slow delays no other.
    """

    def __init__(self, parts: Parts, owners: str) -> None:
        """``owners`` is how the names of those begin whose leases it takes over: its own slot."""
        self._parts = parts
        self._owners = owners
        self._stop = asyncio.Event()
        self._working: dict[str, asyncio.Task[None]] = {}
        self._threads = Threads("looking", 1)
        self._log = logger("scheduler")
        self.looks = 0
        """How often it has looked."""

    async def run(self, begun: Callable[[], None] = lambda: None) -> None:
        """Work until ``stop`` is called; ``begun`` is called when it starts to."""
        is_ready = False
        begun()
        while not self._stop.is_set():
            pause = TICK_S
            try:
                if not is_ready:
                    await self._threads.run(self._parts.take_over, self._owners)
                    await self._parts.housekeeper.begin()
                    is_ready = True
                due = await self._threads.run(self._parts.due_query)
                self.looks += 1
                self._begin(due)
                pause = self._pause(due)
            except Exception:  # noqa: BLE001 - the scheduler's edge: it outlives its database
                self._log.exception("a look failed; trying again")
            await self._parts.alarm.wait(pause)
        await self._end()

    def stop(self) -> None:
        """End: what is about to end may, what takes longer is left to others."""
        self._stop.set()
        self._parts.alarm.ring()

    def _begin(self, due: Due) -> None:
        parts = self._parts
        now = parts.clock.now()
        if _is_past(due.polls, now):
            self._beside("polling", parts.poller.start_due)
        if _is_past(due.listeners, now):
            self._beside("starting listeners", parts.listeners.start_due)
        if _is_past(due.acquisitions, now):
            self._beside("acquiring", parts.acquirer.start_due)
        if _is_past(due.executions, now - PATIENCE_S):
            self._beside("sweeping", parts.sweeper.sweep)
        if any(_is_past(due_at, now) for due_at in due.jobs.values()):
            self._beside("housekeeping", lambda: parts.housekeeper.start_due(due.jobs))

    def _beside(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        """Do something beside the looks, unless it is still at it."""
        running = self._working.get(name)
        if running is None or running.done():
            self._working[name] = asyncio.create_task(self._once(name, work))

    async def _once(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        try:
            await work()
        except Exception:  # noqa: BLE001 - the scheduler's edge: it outlives its database
            self._log.exception("%s failed; trying again", name)

    def _pause(self, due: Due) -> float:
        """Until the next moment at which something comes due.

        What is due already has been begun, and rings when it has ended; what could not be begun,
        because others are at it or all slots are taken, is looked at with the next tick.
        """
        now = self._parts.clock.now()
        swept = None if due.executions is None else due.executions + PATIENCE_S
        moments = (due.polls, due.listeners, due.acquisitions, swept, *due.jobs.values())
        coming = [at - now for at in moments if at is not None and at > now]
        return max(min([*coming, TICK_S]), SHORTEST_PAUSE_S)

    async def _end(self) -> None:
        parts = self._parts
        for task in self._working.values():
            await task
        rooms = (parts.poller, parts.listeners, parts.acquirer, parts.housekeeper)
        for ended in await asyncio.gather(*(one.stop() for one in rooms), return_exceptions=True):
            if isinstance(ended, Exception):
                self._log.error("a part did not end well: %s", ended)
        self._threads.close()


def _is_past(due_at: float | None, now: float) -> bool:
    return due_at is not None and due_at <= now
