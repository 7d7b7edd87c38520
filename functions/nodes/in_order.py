"""Several items at once, with results in the items' order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def in_order(count: int, limit: int, answer: Callable[[int], Awaitable[T]]) -> list[T]:
    """Work through the items with ``limit`` workers; the first failure stops them all."""
    results: dict[int, T] = {}
    indexes = iter(range(count))

    async def work() -> None:
        for index in indexes:
            results[index] = await answer(index)

    workers = [asyncio.ensure_future(work()) for _ in range(min(limit, count))]
    try:
        await asyncio.gather(*workers)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    return [results[index] for index in range(count)]
