"""Nodes that act item by item: each item has an outcome of its own."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from layers.contract.context import Context
from layers.contract.errors import NodeError
from layers.contract.item import Item, Items, Outputs
from layers.contract.per_item import in_item_order, of_item

T = TypeVar("T")


async def in_order(
    indexes: Sequence[int], limit: int, answer: Callable[[int], Awaitable[T]]
) -> dict[int, T]:
    """Work through the positions with ``limit`` workers; the first failure stops them all."""
    results: dict[int, T] = {}
    left = iter(indexes)

    async def work() -> None:
        for index in left:
            results[index] = await answer(index)

    workers = [asyncio.ensure_future(work()) for _ in range(min(limit, len(indexes)))]
    try:
        await asyncio.gather(*workers)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    return results


def each(run_item: Callable[..., Any], at_once: Callable[[Any], int]) -> Callable[..., Any]:
    """Make ``run(params, items, ctx)`` of a function for one item; the first failure ends it."""
    if not inspect.iscoroutinefunction(run_item):

        def run(params: Any, items: Items, ctx: Context) -> Outputs:
            joined: dict[str, list[Item]] = {}
            for index, item in enumerate(items):
                try:
                    given: Outputs = run_item(params, item, index, ctx)
                except NodeError as error:
                    raise of_item(error, index) from error
                for port, made in given.items():
                    joined.setdefault(port, []).extend(made)
            return joined

        run.is_derived = True  # type: ignore[attr-defined]
        return run

    async def run_async(params: Any, items: Items, ctx: Context) -> Outputs:
        async def answer(index: int) -> Outputs:
            try:
                given: Outputs = await run_item(params, items[index], index, ctx)
            except NodeError as error:
                raise of_item(error, index) from error
            return given

        return in_item_order(await in_order(range(len(items)), at_once(params), answer))

    run_async.is_derived = True  # type: ignore[attr-defined]
    return run_async
