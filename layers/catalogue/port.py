"""The door at which everybody asks what node types and trigger types there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol, TypeAlias

from layers.contract import (
    Items,
    Json,
    ListOptions,
    NodeError,
    NodeSpec,
    Sample,
    Traits,
    TriggerRunner,
    TriggerSpec,
)
from layers.contract.context import Context
from layers.contract.runner import Runner
from layers.contract.spec import Upgrade

UNAVAILABLE = "node_unavailable"

NO_WORKSPACE = ""
"""Asks for what every workspace has."""


@dataclass(frozen=True)
class NodeType:
    """What a node type is, and who does its work."""

    spec: NodeSpec
    runner: Runner
    upgrades: Mapping[int, Upgrade] = field(default_factory=dict)
    """By version: how its parameters become those of the next one."""


@dataclass(frozen=True)
class TriggerType:
    """What a trigger type is, and who does its work."""

    spec: TriggerSpec
    runner: TriggerRunner
    upgrades: Mapping[int, Upgrade] = field(default_factory=dict)


@dataclass(frozen=True)
class Missing:
    """A type that is not there for this workspace, in no version that would do."""

    type: str
    remedy: str
    """What to install, in a sentence."""


Found: TypeAlias = NodeType | TriggerType


class TypeSource(Protocol):
    """Where types come from: what is built in, or what a workspace has installed."""

    def find(self, workspace_id: str, name: str, version: int | None) -> Found | None:
        """The type in this version, or in the oldest later one; None: in the newest."""
        ...

    def listed(self, workspace_id: str) -> Iterable[Found]:
        """All types, each in its newest version."""
        ...

    def generation(self, workspace_id: str) -> int:
        """A number that grows whenever something else would be found; 0 while nothing is."""
        ...


class Catalogue(Protocol):
    """All types of all sources."""

    def resolve(self, workspace_id: str, name: str, version: int | None = None) -> Found | Missing:
        """The type that a workflow's node has; without ``version`` the newest one."""
        ...

    def listed(self, workspace_id: str) -> list[Found]:
        """All types that a workspace may use, by name, each in its newest version."""
        ...

    def generation(self, workspace_id: str) -> int:
        """What is kept of an answer is good as long as this is the same; 0: only built-in types."""
        ...


class Unavailable:
    """The runner of a type that is missing: it keeps the parameters, and fails when reached."""

    run_ports = None
    run_item = None
    has_quick_way = False
    options: Mapping[str, ListOptions] = MappingProxyType({})

    def __init__(self, message: str) -> None:
        self._message = message

    def read(self, params: Mapping[str, Json], context: Mapping[str, object]) -> Any:
        """Keep them as they are."""
        return dict(params)

    def traits(self, params: Any) -> Traits:
        """One port in and one out; what its connections name comes beside them."""
        return Traits()

    def run(self, params: Any, items: Items, ctx: Context) -> Any:
        """Say what to install; raises NodeError."""
        raise NodeError(f"{ctx.node_id}: {self._message}", kind=UNAVAILABLE)


def stand_in(missing: Missing, version: int) -> NodeType:
    """A type with which a workflow compiles although one of its nodes is not there."""
    spec = NodeSpec(
        type=missing.type,
        version=version,
        title=missing.type,
        category="",
        summary=missing.remedy,
        params_schema={"type": "object"},
        sample=Sample(params={}),
    )
    return NodeType(spec, Unavailable(missing.remedy))
