"""A scheduler as a process of its own, with the triggers of these tests: to be killed."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from layers.settings import Settings, load_settings
from local_emulator.kinship import die_with_parent
from tests.conftest import KEYS
from tests.triggers.feed import all_types
from triggers.assembly import open_parts
from triggers.scheduling import Scheduler


@contextmanager
def scheduler_process(
    settings: Settings, slot: str, **more: str
) -> Iterator[subprocess.Popen[bytes]]:
    """One that fills a slot, killed with the block; ``more`` goes into its environment."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.triggers.scheduler_process", slot],
        env={
            **os.environ,
            "TREADLE_DATA": str(settings.storage.folder),
            "TREADLE_DATABASE_URL": settings.storage.database_url,
            "TREADLE_SECRET_KEYS": KEYS,
            **more,
        },
        preexec_fn=die_with_parent(),
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def _run(slot: str) -> None:
    async with open_parts(load_settings(), f"{slot}#{os.getpid()}", all_types()) as parts:
        await Scheduler(parts, f"{slot}#").run()


if __name__ == "__main__":
    asyncio.run(_run(sys.argv[1]))
