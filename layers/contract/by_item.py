"""Nodes that act item by item: each item has an outcome of its own."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from layers.contract.context import Context
from layers.contract.errors import NodeError
from layers.contract.item import Item, Items, Outputs

T = TypeVar("T")


@dataclass(frozen=True)
class PerItem:
    """What became of each item, for a node that takes many at once and fails some of them.

    The keys are positions in the items that ``run`` was handed. An item in neither was not tried.
    """

    done: Mapping[int, Outputs] = field(default_factory=dict)
    failed: Mapping[int, NodeError] = field(default_factory=dict)

    def outputs(self) -> Outputs:
        """The items by port, in order; raises the error of the first item that failed."""
        if self.failed:
            index = min(self.failed)
            raise _of_item(self.failed[index], index)
        return in_item_order(self.done)


def in_item_order(outputs: Mapping[int, Outputs]) -> dict[str, list[Item]]:
    """Join what items gave, port by port, in the items' order."""
    joined: dict[str, list[Item]] = {}
    for index in sorted(outputs):
        for port, items in outputs[index].items():
            joined.setdefault(port, []).extend(items)
    return joined


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
                    raise _of_item(error, index) from error
                for port, made in given.items():
                    joined.setdefault(port, []).extend(made)
            return joined

        return run

    async def run_async(params: Any, items: Items, ctx: Context) -> Outputs:
        async def answer(index: int) -> Outputs:
            try:
                given: Outputs = await run_item(params, items[index], index, ctx)
            except NodeError as error:
                raise _of_item(error, index) from error
            return given

        return in_item_order(await in_order(range(len(items)), at_once(params), answer))

    return run_async


def _of_item(error: NodeError, index: int) -> NodeError:
    if error.item_index is None:
        error.item_index = index
    return error
