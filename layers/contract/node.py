"""A node type: one declaration that gives its form, validation, documentation and test."""

from __future__ import annotations

import builtins
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeAlias, TypeVar

from layers.contract.by_item import each
from layers.contract.calls import CallRules
from layers.contract.context import Context
from layers.contract.credential import Slot, check_slots, slots_of
from layers.contract.hints import check_hints
from layers.contract.item import Item, Items, Json, Outputs
from layers.contract.options import ListOptions
from layers.contract.params import Params
from layers.contract.runner import Outcome, SandboxUse, Traits
from layers.contract.spec import (
    ByItem,
    Control,
    Effect,
    Join,
    NodeSpec,
    Port,
    Sample,
    Upgrade,
    check_upgrades,
    port_names,
)

P = TypeVar("P", bound=Params)


RunItemOf: TypeAlias = Callable[[P, Item, int, Context], Outputs | Awaitable[Outputs]]
RunOf: TypeAlias = Callable[[P, Items, Context], Outcome | Awaitable[Outcome]]


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
    run: RunOf[P] | None = None
    run_ports: Callable[[P, dict[str, Items], Context], Outcome | Awaitable[Outcome]] | None = None
    run_item: RunItemOf[P] | None = None
    at_once: int | Callable[[P], int] = 1
    """How many items may be under way at the same time."""
    by_item_of: Callable[[P], bool] | None = None
    """Whether each item has an outcome of its own, where that depends on parameters."""
    sandbox_use: Callable[[P], SandboxUse] | None = None
    """What it asks of the sandbox; None for a node that runs no code of its workflow's author."""
    version: int = 1
    inputs: tuple[Port, ...] = ("main",)
    outputs: tuple[Port, ...] = ("main",)
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
    remembers: Mapping[str, Sequence[Json]] | None = None
    """The values of parameters with which it uses ``ctx.history``, so that forms show that."""
    icon: str = ""
    """A name of the app's table of icons, of lucide's."""
    docs: str = ""
    """More documentation, in Markdown."""
    hosts: tuple[str, ...] = ()
    """Where it sends requests to, whatever its parameters."""

    upgrades: Mapping[int, Upgrade] = field(default_factory=dict)
    """By version: a function that makes the next one's parameters of this one's.

    Workflows keep the version that they were saved with; there is one for each that ever was.
    """
    options: Mapping[str, ListOptions] = field(default_factory=dict)
    """What can be chosen for parameters, by the name that they give as ``options``."""

    def __post_init__(self) -> None:
        """Make ``run`` of ``run_item`` where only that is declared; raises ValueError."""
        check_upgrades(self.type, self.version, self.upgrades)
        check_hints(self.type, self.params, self.options)
        check_slots(self.type, self.slots)
        if self.run_item is not None and self.run is None:
            object.__setattr__(self, "run", each(self.run_item, self.items_at_once))
        if (self.run is None) == (self.run_ports is None):
            raise ValueError(
                f"{self.type}: declare 'run' or 'run_item', or 'run_ports' if it joins several "
                "ports; not both."
            )

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The places for credentials, however they are declared."""
        return self.credentials or slots_of(self.credential_types)

    @cached_property
    def spec(self) -> NodeSpec:
        """All that others than its runner know of it."""
        by_item = ByItem.ALWAYS if self.run_item is not None else ByItem.NEVER
        return NodeSpec(
            type=self.type,
            version=self.version,
            title=self.title,
            category=self.category,
            summary=self.summary,
            docs=self.docs,
            icon=self.icon,
            params_schema=self.params.model_json_schema(),
            sample=self.sample,
            inputs=self.inputs,
            outputs=self.outputs,
            effect=self.effect,
            by_item=by_item if self.by_item_of is None else ByItem.SOMETIMES,
            join=self.join,
            control=self.control,
            discards=self.discards,
            slots=self.slots,
            hosts=self.hosts,
            options=tuple(self.options),
            responds=self.responds,
            in_sandbox=self.sandbox_use is not None,
            remembers=None
            if self.remembers is None
            else {name: tuple(values) for name, values in self.remembers.items()},
        )

    def read(self, params: Mapping[str, Json], context: Mapping[str, object]) -> P:
        """Check parameters and compile what is in them; raises pydantic's ValidationError."""
        return self.params.model_validate(params, context=dict(context))

    def traits(self, params: P) -> Traits:
        """What the node is with these parameters."""
        return Traits(
            inputs=self._port_names(self.inputs, params),
            outputs=self._port_names(self.outputs, params),
            effect=self.effect_of(params) if self.effect_of else self.effect,
            join=self.join_of(params) if self.join_of else self.join,
            by_item=self.by_item_of(params) if self.by_item_of else self.run_item is not None,
            at_once=self.items_at_once(params),
            call_rules=self.call_rules(params) if self.call_rules else None,
            sandbox=self.sandbox_use(params) if self.sandbox_use else None,
        )

    @staticmethod
    def _port_names(ports: tuple[Port, ...], params: Params) -> tuple[str, ...]:
        static = tuple(port for port in ports if isinstance(port, str))
        if len(static) == len(ports):
            return static
        return port_names(ports, params.model_dump(by_alias=True))

    @property
    def has_quick_way(self) -> bool:
        """Whether ``run`` is more than ``run_item`` for each item."""
        return self.run is not None and not hasattr(self.run, "is_derived")

    def items_at_once(self, params: P) -> int:
        """How many items may be under way at the same time."""
        return self.at_once(params) if callable(self.at_once) else self.at_once


def only(items: Sequence[Any]) -> Outputs:
    """Give all items on the port ``main``."""
    return {"main": items}
