"""A task ends although one cancellation of it was dropped."""

from __future__ import annotations

import asyncio
import contextlib

from layers.channel.ending import end
from tests.waiting import PATIENCE_S


def test_a_task_that_drops_a_cancellation_ends_all_the_same() -> None:
    dropped = []

    async def listen() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        dropped.append(True)
        await asyncio.Event().wait()

    async def run() -> None:
        task = asyncio.create_task(listen())
        await asyncio.sleep(0)
        await asyncio.wait_for(end(task), PATIENCE_S)
        assert task.cancelled()

    asyncio.run(run())
    assert dropped == [True]


def test_one_that_failed_is_at_its_end() -> None:
    async def fail() -> None:
        raise OSError("away")

    async def run() -> None:
        task = asyncio.create_task(fail())
        await asyncio.wait({task})
        await end(task)
        assert isinstance(task.exception(), OSError)

    asyncio.run(run())
