"""Steps of nodes that act item by item: what becomes of each item, and of the step."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from layers import jsontext
from layers.contract import Effect, Item, Outputs, PerItem
from layers.contract.by_item import in_order
from layers.contract.per_item import in_item_order
from layers.contract.runner import Outcome
from layers.engine.core.definition import OnError
from layers.engine.core.plan_node import PlanNode
from layers.engine.core.retry import retry_delay
from layers.engine.core.state import Activation, ItemFailure, ItemProgress, StepError
from layers.engine.item_codec import encode_outputs
from layers.engine.step.checking import checked, step_error
from layers.engine.step.context import StepContext
from layers.work import PROCESSOR

Tell = Callable[[int], None]
"""Called with the position of an item when that has its outcome."""


class ItemsFailed(Exception):
    """Some items failed; the activation's progress says which, ``first`` why the first did."""

    def __init__(self, progress: ItemProgress) -> None:
        super().__init__()
        self.first = progress.first_error()


def is_driven(node: PlanNode) -> bool:
    """Whether the node's items are handed to it by ``drive``: they take time, or have effects."""
    if not node.acts_by_item:
        return False
    kind = node.node_runner
    function = kind.run_item or kind.run
    return node.effect is not Effect.PURE or inspect.iscoroutinefunction(function)


async def drive(node: PlanNode, context: StepContext, tell: Tell) -> Outputs:
    """Run the items that have no outcome yet; raises ItemsFailed if there are failed ones then."""
    activation = context.activation
    progress = activation.progress = activation.progress or ItemProgress()
    kind = node.node_runner
    left = still_to_do(activation, len(context.items))
    together = kind.run_item is None or (kind.has_quick_way and node.effect is Effect.PURE)
    if (together and len(left) > 1) or kind.run_item is None:
        await _together(node, context, left, tell)
        left = still_to_do(activation, len(context.items))
    if kind.run_item is not None and not _is_over(node, context):
        await _one_by_one(node, context, left, tell)
    if progress.failed:
        raise ItemsFailed(progress)
    return in_item_order(progress.done, context.items)


def still_to_do(activation: Activation, count: int) -> list[int]:
    """The positions of the items that have no outcome."""
    progress = activation.progress
    if progress is None:
        return list(range(count))
    return [at for at in range(count) if at not in progress.done and at not in progress.failed]


async def _one_by_one(
    node: PlanNode, context: StepContext, left: Sequence[int], tell: Tell
) -> None:
    kind = node.node_runner
    run_item: Any = kind.run_item
    is_async = inspect.iscoroutinefunction(run_item)
    halted = False

    async def act(index: int) -> None:
        nonlocal halted
        if halted:
            return
        given: Any
        try:
            item = context.items[index]
            if is_async:
                given = await run_item(node.params, item, index, context)
            else:
                given = await PROCESSOR.run(run_item, node.params, item, index, context)
                given = await given if inspect.isawaitable(given) else given
        except Exception as error:  # noqa: BLE001 - whatever a node raises is its item's failure
            failed(node, context.activation, index, error)
            halted = _ends_it(node, context, index)
        else:
            came_out(node, context.activation, index, given, alone=len(context.items) == 1)
        tell(index)

    await in_order(left, node.traits.at_once, act)


async def _together(node: PlanNode, context: StepContext, left: Sequence[int], tell: Tell) -> None:
    kind = node.node_runner
    run: Any = kind.run
    items = context.items
    if len(left) < len(items):
        context.items = [items[at] for at in left]
        context.places = left
    try:
        given = await run(node.params, context.items, context)
    finally:
        context.items = items
        context.places = None
    if not isinstance(given, PerItem):
        raise TypeError("a node that acts by item gives a PerItem")
    for at, outputs in given.done.items():
        came_out(node, context.activation, left[at], outputs)
        tell(left[at])
    for at, error in given.failed.items():
        failed(node, context.activation, left[at], error)
        tell(left[at])


def _is_over(node: PlanNode, context: StepContext) -> bool:
    """Whether the step fails already, so that no further item need be begun."""
    progress = context.activation.progress
    return progress is not None and any(_ends_it(node, context, at) for at in progress.failed)


def _ends_it(node: PlanNode, context: StepContext, index: int) -> bool:
    """Whether the failure of this item is the step's."""
    progress = context.activation.progress
    if node.definition.on_error is not OnError.STOP or progress is None:
        return False
    failure = progress.failed.get(index)
    if failure is None:
        return False
    return retry_delay(context.execution_id, node, context.activation, failure.error) is None


def quickly(node: PlanNode, context: StepContext) -> Outcome | Awaitable[Outcome]:
    """Run a node without effects on all items; if that fails, find out which of them fail.

    Where the step fails with its first failed item anyway, that is all there is to know.
    """
    kind = node.node_runner
    assert kind.run is not None
    try:
        given = kind.run(node.params, context.items, context)
    except Exception:
        if node.definition.on_error is OnError.STOP:
            raise
        return _tried_singly(node, context)
    return _eventually(node, context, given) if inspect.isawaitable(given) else given


async def _eventually(node: PlanNode, context: StepContext, given: Awaitable[Outcome]) -> Outcome:
    try:
        outcome = await given
    except Exception:
        if node.definition.on_error is OnError.STOP:
            raise
        again = _tried_singly(node, context)
        return await again if inspect.isawaitable(again) else again
    # Should what it gave be unfit for the journal, nobody can wait for single items any more.
    context.activation.progress = ItemProgress()
    return outcome


def _tried_singly(node: PlanNode, context: StepContext) -> Outputs | Awaitable[Outputs]:
    progress = context.activation.progress = ItemProgress()
    run_item: Any = node.node_runner.run_item
    to_come: dict[int, Awaitable[Outputs]] = {}
    for index, item in enumerate(context.items):
        try:
            given = run_item(node.params, item, index, context)
        except Exception as error:  # noqa: BLE001 - whatever a node raises is its item's failure
            failed(node, context.activation, index, error)
        else:
            if inspect.isawaitable(given):
                to_come[index] = given
            else:
                came_out(node, context.activation, index, given)
    return _awaited(node, context, to_come) if to_come else _over(progress, context)


async def _awaited(
    node: PlanNode, context: StepContext, to_come: Mapping[int, Awaitable[Outputs]]
) -> Outputs:
    progress = context.activation.progress
    assert progress is not None
    for index, given in to_come.items():
        try:
            outputs = await given
        except Exception as error:  # noqa: BLE001 - whatever a node raises is its item's failure
            failed(node, context.activation, index, error)
        else:
            came_out(node, context.activation, index, outputs)
    return _over(progress, context)


def _over(progress: ItemProgress, context: StepContext) -> Outputs:
    if progress.failed:
        raise ItemsFailed(progress)
    return in_item_order(progress.done, context.items)


def came_out(
    node: PlanNode, activation: Activation, index: int, given: Any, *, alone: bool = False
) -> None:
    """An item gave this, or something that cannot be kept."""
    assert activation.progress is not None
    try:
        outputs = cast("Outputs", checked(node, given))
        if not alone:
            encode_outputs(outputs)
    except jsontext.InvalidJson as error:
        _note(activation, index, StepError(str(error), "not_json"))
    except Exception as error:  # noqa: BLE001 - what it gave is no output, which is its failure
        failed(node, activation, index, error)
    else:
        activation.progress.done[index] = outputs


def failed(node: PlanNode, activation: Activation, index: int, error: BaseException) -> None:
    """An item failed with this."""
    _note(activation, index, step_error(node, error))


def all_failed(activation: Activation, error: StepError, items: Sequence[Item]) -> None:
    """The step failed as a whole: so did all items that have no outcome of their own."""
    for index in still_to_do(activation, len(items)):
        _note(activation, index, error)


def blame(node: PlanNode, context: StepContext, error: StepError) -> StepError:
    """Find the items whose outputs cannot be kept; returns the step's error."""
    activation = context.activation
    if not node.acts_by_item or node.definition.on_error is OnError.STOP:
        return error
    if activation.progress is not None:
        activation.progress.done.clear()
        all_failed(activation, error, context.items)
        return error
    try:
        _tried_singly(node, context)
    except ItemsFailed as failure:
        return failure.first
    return error


def _note(activation: Activation, index: int, error: StepError) -> None:
    assert activation.progress is not None
    named = replace(error, detail={**error.detail, "item_index": index})
    activation.progress.failed[index] = ItemFailure(named, activation.attempt)
