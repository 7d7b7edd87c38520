"""Going on where there are no items: one empty item that stands for none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from layers.contract import Item
from layers.contract.item import placeholder, stands_for_none
from layers.engine.core.definition import IfEmpty
from layers.engine.core.plan_node import PlanNode
from layers.engine.core.state import Activation

Outputs = Mapping[str, Sequence[Item]]


def filled(node: PlanNode, activation: Activation, outputs: Outputs) -> Outputs:
    """A step's outputs, with the one empty item if they are empty and that is to go on.

    It does where the node's ``if_empty`` says so, and where what came stood for none already:
    whoever began to go on without items wants the whole way behind to run.
    """
    if not node.outputs or any(
        items for port, items in outputs.items() if port not in node.discards
    ):
        return outputs
    wished = node.definition.if_empty is IfEmpty.ONE_EMPTY_ITEM
    if not wished and (any(outputs.values()) or not _came_to_none(activation)):
        return outputs
    if node.is_loop and not activation.loop_done:
        return outputs
    return {**outputs, "done" if node.is_loop else node.outputs[0]: [placeholder()]}


def _came_to_none(activation: Activation) -> bool:
    came = [items for items in activation.arrivals.values() if items]
    return bool(came) and all(stands_for_none(items) for items in came)


def real(items: Sequence[Item]) -> Sequence[Item]:
    """The items without the one that stands for none."""
    return () if stands_for_none(items) else items
