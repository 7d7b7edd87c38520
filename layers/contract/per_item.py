"""What became of each of several items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from layers.contract.item import Item, Items, Outputs, made_of
from layers.node_error import NodeError


@dataclass(frozen=True)
class PerItem:
    """What became of each item, for a node that takes many at once and fails some of them.

    The keys are positions in the items that ``run`` was handed. An item in neither was not tried.
    """

    done: Mapping[int, Outputs] = field(default_factory=dict)
    failed: Mapping[int, NodeError] = field(default_factory=dict)

    def outputs(self, items: Items) -> Outputs:
        """What ``items`` gave by port, in order; raises the error of the first that failed."""
        if self.failed:
            index = min(self.failed)
            raise of_item(self.failed[index], index)
        return in_item_order(self.done, items)


def in_item_order(outputs: Mapping[int, Outputs], items: Items) -> dict[str, list[Item]]:
    """Join what ``items`` gave, port by port, in their order; each item is made of its own."""
    joined: dict[str, list[Item]] = {}
    for index in sorted(outputs):
        for port, made in outputs[index].items():
            joined.setdefault(port, []).extend(made_of(items[index], made))
    return joined


def of_item(error: NodeError, index: int) -> NodeError:
    """The error, which says that it is of this item unless it says of which."""
    if error.item_index is None:
        error.item_index = index
    return error
