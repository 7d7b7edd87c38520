"""Who does the work of a node type or a trigger type: the half of it that is no data."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from layers.contract.calls import CallRules
from layers.contract.context import Context
from layers.contract.item import Item, Items, Json, Outputs
from layers.contract.options import ListOptions
from layers.contract.per_item import PerItem
from layers.contract.spec import Effect, Join
from layers.contract.suspension import Suspension

Outcome: TypeAlias = Outputs | Suspension | PerItem
Run: TypeAlias = Callable[[Any, Items, Context], Outcome | Awaitable[Outcome]]
RunPorts: TypeAlias = Callable[[Any, dict[str, Items], Context], Outcome | Awaitable[Outcome]]
RunItem: TypeAlias = Callable[[Any, Item, int, Context], Outputs | Awaitable[Outputs]]


@dataclass(frozen=True)
class SandboxUse:
    """What a step asks of the sandbox: the most memory and time, and which packages."""

    memory_mb: int
    timeout_s: float
    requirements: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Traits:
    """What a node is with certain parameters; worked out once, when its workflow is compiled."""

    inputs: tuple[str, ...] = ("main",)
    outputs: tuple[str, ...] = ("main",)
    effect: Effect = Effect.PURE
    join: Join = Join.EACH
    by_item: bool = False
    at_once: int = 1
    """How many items may be under way at the same time."""
    call_rules: CallRules | None = None
    """Which calls end its wait; None where it waits for none."""
    sandbox: SandboxUse | None = None


class ParameterReader(Protocol):
    """Checks parameters and compiles the expressions in them."""

    def read(self, params: Mapping[str, Json], context: Mapping[str, object]) -> Any:
        """Return what the runner's functions are handed; raises pydantic's ValidationError.

        ``context`` holds ``compiler``, a TemplateCompiler.
        """
        ...


class Runner(ParameterReader, Protocol):
    """Does a node's work. ``Node`` is the one in this process; others send it elsewhere.

    One of ``run`` and ``run_ports`` is there. See ``Node`` for what the functions are.
    """

    @property
    def run(self) -> Run | None:
        """All items of an arrival."""
        ...

    @property
    def run_ports(self) -> RunPorts | None:
        """All arrivals, by port."""
        ...

    @property
    def run_item(self) -> RunItem | None:
        """One item."""
        ...

    @property
    def has_quick_way(self) -> bool:
        """Whether ``run`` is more than ``run_item`` for each item."""
        ...

    @property
    def options(self) -> Mapping[str, ListOptions]:
        """What can be chosen for parameters, by the names in its spec."""
        ...

    def traits(self, params: Any) -> Traits:
        """What the node is with these parameters."""
        ...
