"""Ending a task for good."""

from __future__ import annotations

import asyncio

AGAIN_S = 0.5


async def end(task: asyncio.Task[None]) -> None:
    """Cancel a task until it has ended.

    Once may not be enough: ``asyncio.wait_for`` drops a cancellation that comes when what it waits
    for has just happened (Python before 3.12, cpython#86296).
    """
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=AGAIN_S)
