"""What a node type or a trigger type is, as data: all that others than its runner go by.

The engine, the API, the app and the documentation see these and no Python class, so that what is
installed from elsewhere is the same to them as what is built in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any, TypeAlias

from pydantic import ConfigDict, TypeAdapter

from layers.contract.credential import Slot
from layers.contract.item import Json
from layers.contract.spec_bounds import check_bounds


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


class ByItem(StrEnum):
    """Whether each item has an outcome of its own."""

    NEVER = "never"
    ALWAYS = "always"
    SOMETIMES = "sometimes"
    """With some parameters."""


class Source(StrEnum):
    """How a trigger's events come in."""

    WEBHOOK = "webhook"
    """A request to ``/hooks/{path}``."""
    POLL = "poll"
    """The scheduler calls ``poll`` when it is due."""
    CALL = "call"
    """A person, another workflow or the engine starts it."""


class StartedBy(StrEnum):
    """Who starts executions at a trigger."""

    EVENT = "event"
    """What happens in the world."""
    PERSON = "person"
    WORKFLOW = "workflow"
    """Another workflow, which calls this one."""
    FAILURE = "failure"
    """The engine, for an execution that has failed."""


Upgrade: TypeAlias = Callable[[dict[str, Json]], dict[str, Json]]
"""Makes parameters as one version of a type has them those of the next version."""

STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class PortWhen:
    """A port that is there while parameters have certain values; all that are named must fit."""

    __pydantic_config__ = STRICT

    name: str
    when: dict[str, tuple[Json, ...]]


@dataclass(frozen=True)
class PortsFrom:
    """A port for each element of a list parameter, named by one of the element's fields."""

    __pydantic_config__ = STRICT

    parameter: str
    field: str


Port: TypeAlias = str | PortWhen | PortsFrom


@dataclass(frozen=True)
class Sample:
    """An example that is documentation and test at once, and what a new node is filled with."""

    __pydantic_config__ = STRICT

    params: dict[str, Json]
    items: list[dict[str, Json]] = field(default_factory=list)
    outputs: dict[str, list[dict[str, Json]]] | None = None
    """What must come out, by port; None where it depends on the world."""
    inputs: dict[str, list[dict[str, Json]]] | None = None
    """What arrives at each port, for nodes with several; ``items`` then stays empty."""
    alone: bool = True
    """Whether a test may run it as it stands; False where it needs a service, or a sandbox."""


@dataclass(frozen=True, kw_only=True)
class NodeSpec:
    """A node type as data. ``params_schema`` is JSON Schema with the hints of ``Parameter``."""

    __pydantic_config__ = STRICT

    type: str
    title: str
    category: str
    summary: str
    """One line of documentation."""
    params_schema: dict[str, Any]
    sample: Sample
    version: int = 1
    docs: str = ""
    """More documentation, in Markdown."""
    icon: str = ""
    inputs: tuple[Port, ...] = ("main",)
    outputs: tuple[Port, ...] = ("main",)
    effect: Effect = Effect.PURE
    by_item: ByItem = ByItem.NEVER
    join: Join = Join.EACH
    control: Control = Control.NONE
    discards: tuple[str, ...] = ()
    """Output ports that are no result: left out of what an execution gives if this is its end."""
    slots: tuple[Slot, ...] = ()
    """The places for credentials."""
    hosts: tuple[str, ...] = ()
    """Where it sends requests to, whatever its parameters; ``*.example.com`` takes in all below."""
    options: tuple[str, ...] = ()
    """The lists that ``x-options`` of its parameters names."""
    responds: bool = False
    """True for the node that answers a webhook's caller."""
    in_sandbox: bool = False
    """Whether it runs code of the workflow's author in the sandbox."""
    remembers: dict[str, tuple[Json, ...]] | None = None
    """The values of parameters with which it remembers earlier runs (``ctx.history``).

    None: with no parameters; nothing named: with all.
    """

    @property
    def has_dynamic_ports(self) -> bool:
        """Whether its ports depend on its parameters."""
        return not all(isinstance(port, str) for port in (*self.inputs, *self.outputs))


@dataclass(frozen=True, kw_only=True)
class TriggerSpec:
    """A trigger type as data."""

    __pydantic_config__ = STRICT

    type: str
    title: str
    category: str
    summary: str
    params_schema: dict[str, Any]
    sample: Sample
    source: Source
    started_by: StartedBy = StartedBy.EVENT
    keeps_time: bool = False
    """Whether it goes by the clock alone, so that its starts can be foretold."""
    version: int = 1
    docs: str = ""
    icon: str = ""
    outputs: tuple[str, ...] = ("main",)
    slots: tuple[Slot, ...] = ()
    """The places for credentials."""
    hosts: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


Spec: TypeAlias = NodeSpec | TriggerSpec

# Made when a spec is first read or written: most processes do neither.
NODE_SPECS = cache(lambda: TypeAdapter[Any](NodeSpec))
TRIGGER_SPECS = cache(lambda: TypeAdapter[Any](TriggerSpec))


def to_json(spec: Spec) -> dict[str, Json]:
    """The spec as a JSON object; ``node_spec`` or ``trigger_spec`` makes the same of it again."""
    adapter = NODE_SPECS if isinstance(spec, NodeSpec) else TRIGGER_SPECS
    found: dict[str, Json] = adapter().dump_python(spec, mode="json")
    return found


def node_spec(value: Json) -> NodeSpec:
    """Read a node's spec that came from elsewhere; raises ValueError for what is none."""
    found: NodeSpec = NODE_SPECS().validate_python(value)
    check_bounds(found)
    return found


def trigger_spec(value: Json) -> TriggerSpec:
    """Read a trigger's spec that came from elsewhere; raises ValueError for what is none."""
    found: TriggerSpec = TRIGGER_SPECS().validate_python(value)
    check_bounds(found)
    return found


def check_upgrades(name: str, version: int, upgrades: Mapping[int, Upgrade]) -> None:
    """There must be a way from each version to the next one; raises ValueError."""
    wanted = set(range(1, version))
    if set(upgrades) != wanted:
        raise ValueError(
            f"{name}: version {version} needs upgrades from {sorted(wanted) or 'none'}, "
            f"and has them from {sorted(upgrades) or 'none'}."
        )


def port_names(ports: tuple[Port, ...], params: Mapping[str, Json]) -> tuple[str, ...]:
    """The ports that there are with these parameters, defaults filled in."""
    names: list[str] = []
    for port in ports:
        match port:
            case str():
                names.append(port)
            case PortWhen(name, when):
                if all(params.get(parameter) in values for parameter, values in when.items()):
                    names.append(name)
            case PortsFrom(parameter, name_field):
                listed = params.get(parameter)
                elements = listed if isinstance(listed, list | tuple) else ()
                names.extend(
                    str(one[name_field])
                    for one in elements
                    if isinstance(one, Mapping) and name_field in one
                )
    return tuple(names)
