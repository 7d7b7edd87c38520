"""The root of the scheduler: polls due triggers and sweeps up what was left behind."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable

import uvloop

from layers.ids import new_id
from layers.log import configure, logger
from layers.settings import Settings, load_settings
from layers.settings.slots import slot_of
from triggers.assembly import Parts, open_parts

TICK_S = 1.0


class Scheduler:
    """Ticks every second, or earlier when a trigger is due."""

    def __init__(self, parts: Parts, owners: str) -> None:
        """``owners`` is how the names of those begin whose claims it takes over: its own slot."""
        self._owners = owners
        self._unused = parts.unused
        self._billing = parts.billing
        self._poller = parts.poller
        self._sweeper = parts.sweeper
        self._pruner = parts.pruner
        self._totals = parts.totals
        self._clock = parts.clock
        self._stop = asyncio.Event()
        self._working: dict[str, asyncio.Task[None]] = {}
        self._log = logger("scheduler")

    async def run(self, begun: Callable[[], None] = lambda: None) -> None:
        """Work until ``stop`` is called; ``begun`` is called when it starts to."""
        left_over = True
        begun()
        while not self._stop.is_set():
            pause = TICK_S
            try:
                if left_over:
                    await self._poller.take_over(self._owners)
                    left_over = False
                await self._poller.poll_due()
                await self._sweeper.sweep()
                self._beside("deleting what is too old", self._delete_old)
                self._beside("counting executions", self._totals.count)
                self._beside("billing's own work", self._billing.work)
                pause = await self._pause()
                left_over = True
            except Exception:  # noqa: BLE001 - the scheduler's edge: it outlives its database
                self._log.exception("a tick failed; trying again")
                left_over = True
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), pause)
        for task in self._working.values():
            await task

    def stop(self) -> None:
        """End after the tick that runs."""
        self._stop.set()
        self._pruner.stop()
        self._unused.stop()

    def _beside(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        """Do something beside the ticks, unless it is still at it: no trigger waits for that."""
        running = self._working.get(name)
        if running is None or running.done():
            self._working[name] = asyncio.create_task(self._once(name, work))

    async def _once(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        try:
            await work()
        except Exception:  # noqa: BLE001 - the scheduler's edge: it outlives its database
            self._log.exception("%s failed; trying again", name)

    async def _delete_old(self) -> None:
        await self._pruner.prune()
        await self._unused.delete()

    async def _pause(self) -> float:
        due = await self._poller.next_due()
        if due is None:
            return TICK_S
        return min(max(due - self._clock.now(), 0.01), TICK_S)


async def _main(settings: Settings, begun: Callable[[], None]) -> None:
    slot = slot_of(settings)
    owner = f"{slot or 'scheduler'}#{new_id()}"
    owners = f"{slot}#" if slot else owner
    async with open_parts(settings, owner) as parts:
        scheduler = Scheduler(parts, owners)
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, scheduler.stop)
        await scheduler.run(begun)


def main(settings: Settings | None = None, begun: Callable[[], None] = lambda: None) -> None:
    """Run the scheduler until SIGTERM; ``begun`` is called when it starts to work."""
    configure()
    uvloop.run(_main(settings or load_settings(), begun))


if __name__ == "__main__":
    main()
