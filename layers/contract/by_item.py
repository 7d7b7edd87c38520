"""Nodes that act item by item: each item has an outcome of its own."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar, cast

from layers.contract.context import Context
from layers.contract.item import Item, Items, Outputs, made_of
from layers.contract.per_item import in_item_order, of_item
from layers.node_error import NodeError

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
    """Make ``run(params, items, ctx)`` of a function for one item; the first failure ends it.

    The function may be ``async``, or a plain one that gives a coroutine.
    """

    def run(params: Any, items: Items, ctx: Context) -> Outputs | Awaitable[Outputs]:
        joined: dict[str, list[Item]] = {}
        for index, item in enumerate(items):
            try:
                given: Outputs | Awaitable[Outputs] = run_item(params, item, index, ctx)
            except NodeError as error:
                raise of_item(error, index) from error
            if inspect.isawaitable(given):
                return _go_on(run_item, joined, given, index, params, items, ctx)
            _join(joined, given, item)
        return joined

    async def run_async(params: Any, items: Items, ctx: Context) -> Outputs:
        async def answer(index: int) -> Outputs:
            return await _of_item(run_item(params, items[index], index, ctx), index)

        given = await in_order(range(len(items)), at_once(params), answer)
        return in_item_order(given, items)

    made: Any = run_async if inspect.iscoroutinefunction(run_item) else run
    made.is_derived = True
    return cast("Callable[..., Any]", made)


async def _go_on(  # noqa: PLR0913 - a call, and how far it has come
    run_item: Callable[..., Any],
    joined: dict[str, list[Item]],
    first: Awaitable[Outputs],
    begun: int,
    params: Any,
    items: Items,
    ctx: Context,
) -> Outputs:
    """Wait for the item that is under way, then see to those behind it, one by one."""
    _join(joined, await _of_item(first, begun), items[begun])
    for index in range(begun + 1, len(items)):
        try:
            given: Outputs | Awaitable[Outputs] = run_item(params, items[index], index, ctx)
        except NodeError as error:
            raise of_item(error, index) from error
        given = await _of_item(given, index) if inspect.isawaitable(given) else given
        _join(joined, given, items[index])
    return joined


async def _of_item(given: Awaitable[Outputs], index: int) -> Outputs:
    try:
        return await given
    except NodeError as error:
        raise of_item(error, index) from error


def _join(joined: dict[str, list[Item]], given: Outputs, item: Item) -> None:
    for port, made in given.items():
        joined.setdefault(port, []).extend(made_of(item, made))
