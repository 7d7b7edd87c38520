"""Calling a node's function, in the loop or beside it."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable

from layers.contract import Effect, Item
from layers.contract.runner import Outcome
from layers.engine.core.decide import arrived
from layers.engine.core.emptiness import real
from layers.engine.core.plan_node import PlanNode
from layers.engine.core.state import Activation
from layers.engine.step import itemwise
from layers.engine.step.checking import checked
from layers.engine.step.context import StepContext
from layers.engine.step.weight import is_heavy
from layers.work import PROCESSOR


def is_inline(node: PlanNode, activation: Activation, *, manual: bool) -> bool:
    """True for a step that is done within microseconds and never waits.

    With many items, or large ones, it runs in a thread, so that others can go on beside it.
    """
    if passes_through(node, manual=manual) or activation.loop_done or node.is_trigger:
        return True
    if node.effect is not Effect.PURE:
        # An effect is journaled before it begins, also where its function is a quick one.
        return False
    kind = node.node_runner
    if inspect.iscoroutinefunction(kind.run or kind.run_ports):
        return False
    return not is_heavy(activation.arrivals.values())


def passes_through(node: PlanNode, *, manual: bool) -> bool:
    """True where the node's function is not called: disabled, or pinned in a manual run."""
    return node.definition.disabled or _is_pinned(node, manual=manual)


def _is_pinned(node: PlanNode, *, manual: bool) -> bool:
    # What a loop gives depends on where it stands: pinned, it would never come to its end.
    return manual and node.definition.pinned is not None and not node.is_loop


def call_inline(node: PlanNode, context: StepContext) -> Outcome | Awaitable[Outcome]:
    """Call a quick step. A plain function may give a coroutine all the same, which takes time."""
    given = _called(node, context)
    if inspect.isawaitable(given):
        return _awaited(node, given, context)
    return checked(node, given, context.items)


async def call(node: PlanNode, context: StepContext, tell: itemwise.Tell) -> Outcome:
    """Call a step that takes time, within the time that its node has."""
    return await asyncio.wait_for(_outcome(node, context, tell), node.definition.timeout_s)


async def _outcome(node: PlanNode, context: StepContext, tell: itemwise.Tell) -> Outcome:
    if itemwise.is_driven(node):
        return await itemwise.drive(node, context, tell)
    kind = node.node_runner
    if inspect.iscoroutinefunction(kind.run_ports or kind.run):
        given = _called_plainly(node, context)
    else:
        given = await PROCESSOR.run(_called, node, context)
    given = await given if inspect.isawaitable(given) else given
    return checked(node, given, context.items)


async def _awaited(node: PlanNode, given: Awaitable[Outcome], context: StepContext) -> Outcome:
    outcome = await asyncio.wait_for(given, node.definition.timeout_s)
    return checked(node, outcome, context.items)


def _called(node: PlanNode, context: StepContext) -> Outcome | Awaitable[Outcome]:
    if node.acts_by_item and not passes_through(node, manual=context.manual):
        return itemwise.quickly(node, context)
    return _called_plainly(node, context)


def _called_plainly(node: PlanNode, context: StepContext) -> Outcome | Awaitable[Outcome]:
    activation = context.activation
    if _is_pinned(node, manual=context.manual) and not node.definition.disabled:
        return {first_port(node): [Item(values) for values in node.definition.pinned or ()]}
    if activation.loop_done:
        return {"done": arrived(activation)}
    if node.is_trigger or node.definition.disabled:
        return {first_port(node): context.came}
    kind = node.node_runner
    if kind.run_ports is not None:
        arrivals = {port: real(items) for port, items in activation.arrivals.items()}
        return kind.run_ports(node.params, arrivals, context)
    assert kind.run is not None
    return kind.run(node.params, context.items, context)


def first_port(node: PlanNode) -> str:
    """Where items go that pass a node by."""
    return node.outputs[0] if node.outputs else "main"
