"""The root of the scheduler: polls and listens, keeps house, and sweeps up what was left behind."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

import uvloop

from layers.ids import new_id
from layers.log import configure
from layers.settings import Settings, load_settings
from layers.settings.slots import slot_of
from triggers.assembly import open_parts
from triggers.scheduling import Scheduler


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
