"""A node type: one declaration that gives its form, validation, documentation and test."""

from __future__ import annotations

import builtins
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeAlias, TypeVar

from layers.contract.by_item import each
from layers.contract.calls import CallRules
from layers.contract.context import Context
from layers.contract.credential import Slot, slots_of
from layers.contract.item import Item, Items, Json, Outputs
from layers.contract.options import ListOptions
from layers.contract.params import Params
from layers.contract.per_item import PerItem
from layers.contract.suspension import Suspension

P = TypeVar("P", bound=Params)


class Effect(StrEnum):
    """What a step does to the world, which decides what happens after a crash."""

    PURE = "pure"
    """Nothing: it may run again at any time."""
    KEYED = "keyed"
    """It passes its idempotency key on, so that running again has the same effect once."""
    UNSAFE = "unsafe"
    """Running again may do it twice: after a crash a person decides."""


class Join(StrEnum):
    """When a node with several arrivals runs."""

    EACH = "each"
    """Once for each arrival."""
    ALL = "all"
    """Once something has arrived at every connected port, or can no longer arrive."""
    ANY = "any"
    """At the first arrival of a round; later ones of the same round are dropped."""


class Control(StrEnum):
    """Whether the engine itself plays a part in what the node does."""

    NONE = "none"
    LOOP = "loop"


Outcome: TypeAlias = Outputs | Suspension | PerItem
Run: TypeAlias = Callable[[P, Items, Context], Outcome | Awaitable[Outcome]]
RunItem: TypeAlias = Callable[[P, Item, int, Context], Outputs | Awaitable[Outputs]]
Ports: TypeAlias = tuple[str, ...] | Callable[[P], tuple[str, ...]]


@dataclass(frozen=True)
class Sample:
    """An example that is documentation and test at once."""

    params: dict[str, Json]
    items: list[dict[str, Json]] = field(default_factory=list)
    outputs: dict[str, list[dict[str, Json]]] | None = None
    """What must come out, by port; None where it depends on the world."""
    inputs: dict[str, list[dict[str, Json]]] | None = None
    """What arrives at each port, for nodes with several; ``items`` then stays empty."""


@dataclass(frozen=True, kw_only=True)
class Node(Generic[P]):
    """A node type. ``run`` is a stateless function; it may be ``async``.

    ``run(params, items, ctx)`` returns items by output port, or a suspension. Nodes that join
    several ports declare ``run_ports`` in place of ``run`` and get the arrivals by port.

    A node that acts item by item declares ``run_item(params, item, index, ctx)`` and gives the
    items by port that this one item makes. The engine does the loop, ``at_once`` items at a time
    where the function is ``async``: an item that fails (NodeError) is one failed item, which
    ``on_error`` and ``retry`` then apply to alone. ``index`` is the item's position, for
    ``ctx.evaluate`` and ``ctx.item_key``; it is the same at every attempt. ``run`` may be there
    besides as a quicker way for all items, of a node without effects only: it must give the same.
    Where that can say what became of each, it gives a ``PerItem``, and items that it leaves out are
    then run one by one. A node that can only be asked for many items at once gives a ``PerItem``
    from ``run`` and has no ``run_item``. ``by_item_of`` says with which parameters a node acts by
    item, if not with all.
    """

    type: str
    title: str
    category: str
    summary: str
    """One line of documentation."""
    params: builtins.type[P]
    sample: Sample
    run: Run[P] | None = None
    run_ports: Callable[[P, dict[str, Items], Context], Outcome | Awaitable[Outcome]] | None = None
    run_item: RunItem[P] | None = None
    at_once: int | Callable[[P], int] = 1
    """How many items may be under way at the same time."""
    by_item_of: Callable[[P], bool] | None = None
    """Whether each item has an outcome of its own, where that depends on parameters."""
    version: int = 1
    inputs: Ports[P] = ("main",)
    outputs: Ports[P] = ("main",)
    effect: Effect = Effect.PURE
    effect_of: Callable[[P], Effect] | None = None
    """Refines ``effect`` by parameters, where some settings make a step harmless or not."""
    join: Join = Join.EACH
    join_of: Callable[[P], Join] | None = None
    control: Control = Control.NONE
    discards: tuple[str, ...] = ()
    """Output ports that are no result: left out of what an execution gives if this is its end."""
    credential_types: tuple[str, ...] = ()
    """The types that fit, of a node with one credential and no more to say of it."""
    credentials: tuple[Slot, ...] = ()
    """The places for credentials, of a node that has several or takes in kinds of types."""
    call_rules: Callable[[P], CallRules | None] | None = None
    """Which calls end a wait of this node; None, declared or given, where it waits for none."""
    responds: bool = False
    """True for the node that answers a webhook's caller."""
    icon: str = ""
    options: Mapping[str, ListOptions] = field(default_factory=dict)
    """What can be chosen for parameters, by the name that they give as ``options``."""

    def __post_init__(self) -> None:
        """Make ``run`` of ``run_item`` where only that is declared."""
        if self.run_item is not None and self.run is None:
            object.__setattr__(self, "run", each(self.run_item, self.items_at_once))

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The places for credentials, however they are declared."""
        return self.credentials or slots_of(self.credential_types)

    def is_by_item(self, params: Any) -> bool:
        """Whether each item has an outcome of its own."""
        if self.by_item_of is not None:
            return self.by_item_of(params)
        return self.run_item is not None

    @property
    def has_quick_way(self) -> bool:
        """Whether ``run`` is more than ``run_item`` for each item."""
        return self.run is not None and not hasattr(self.run, "is_derived")

    def items_at_once(self, params: Any) -> int:
        """How many items may be under way at the same time."""
        return self.at_once(params) if callable(self.at_once) else self.at_once

    def input_ports(self, params: Any) -> tuple[str, ...]:
        """The input ports that the node has with these parameters."""
        return self.inputs(params) if callable(self.inputs) else self.inputs

    def output_ports(self, params: Any) -> tuple[str, ...]:
        """The output ports that the node has with these parameters, ``error`` not among them."""
        return self.outputs(params) if callable(self.outputs) else self.outputs


def only(items: Sequence[Any]) -> Outputs:
    """Give all items on the port ``main``."""
    return {"main": items}
