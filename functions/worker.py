"""The queue worker: is notified, takes what is due, runs it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable

import uvloop

from functions.assembly import build_parts
from functions.parts import Parts
from layers.log import configure, logger
from layers.settings import Settings, load_settings
from layers.work import BACKGROUND

MOST_AT_ONCE = 32
LOOK_ANYWAY_S = 2.0


class Worker:
    """Takes due executions whenever it is notified, and now and then without it."""

    def __init__(self, parts: Parts) -> None:
        self._engine = parts.engine
        self._followed = parts.followed
        self._notifier = parts.notifier
        self._notified = asyncio.Event()
        self._stop = asyncio.Event()

    async def run(self, begun: Callable[[], None] = lambda: None) -> None:
        """Work until ``stop`` is called; ``begun`` is called once it works."""
        loop = asyncio.get_running_loop()
        self._followed.start()
        await self._start()
        self._notifier.listen(lambda _execution_id: loop.call_soon_threadsafe(self._notified.set))
        self._notified.set()
        begun()
        while not self._stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._notified.wait(), LOOK_ANYWAY_S)
            self._notified.clear()
            await self._drain()
        await BACKGROUND.run(self._notifier.close)
        await self._engine.stop()

    def stop(self) -> None:
        """Stop taking executions; those that run are finished or handed over."""
        self._stop.set()
        self._notified.set()
        self._engine.slot_free.set()

    async def _start(self) -> None:
        while not self._stop.is_set():
            try:
                await self._engine.start()
                return
            except Exception:  # noqa: BLE001 - the worker's edge: its database may come later
                logger("worker").exception("the engine could not start; trying again")
                await asyncio.sleep(1)

    async def _drain(self) -> None:
        while not self._stop.is_set():
            if self._engine.room <= 0:
                self._engine.slot_free.clear()
                await self._engine.slot_free.wait()
                continue
            limit = min(self._engine.room, MOST_AT_ONCE)
            try:
                taken = await self._engine.lease_due(limit)
            except Exception:  # noqa: BLE001 - the worker's edge: it outlives its database
                logger("worker").exception("nothing could be leased; trying again")
                await asyncio.sleep(1)
                return
            if not taken:
                return


async def _main(settings: Settings, begun: Callable[[], None]) -> None:
    parts = build_parts(settings)
    worker = Worker(parts)
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, worker.stop)
    try:
        await worker.run(begun)
    finally:
        await parts.close()


def main(settings: Settings | None = None, begun: Callable[[], None] = lambda: None) -> None:
    """Run a worker until SIGTERM; ``begun`` is called once it works."""
    configure()
    uvloop.run(_main(settings or load_settings(), begun))


if __name__ == "__main__":
    main()
