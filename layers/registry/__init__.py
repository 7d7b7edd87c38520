"""Every node, trigger and credential type there is, found through one door: entry points."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import Any

from layers.contract import CredentialType, Node, Slot, Trigger

NODES_GROUP = "treadle.nodes"
TRIGGERS_GROUP = "treadle.triggers"
CREDENTIALS_GROUP = "treadle.credentials"


@dataclass(frozen=True)
class Registry:
    """Node, trigger and credential types by their type name."""

    nodes: dict[str, Node[Any]]
    triggers: dict[str, Trigger[Any]]
    credentials: dict[str, CredentialType] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        nodes: Iterable[Node[Any]] = (),
        triggers: Iterable[Trigger[Any]] = (),
        credentials: Iterable[CredentialType] = (),
    ) -> Registry:
        """Make a registry of these types; raises ValueError when two share a name."""
        registry = cls({}, {})
        for kind in credentials:
            if kind.type in registry.credentials:
                raise ValueError(f"Two credential types are called {kind.type!r}.")
            registry.credentials[kind.type] = kind
        for node in nodes:
            registry._take(node.type)
            registry.nodes[node.type] = node
        for trigger in triggers:
            registry._take(trigger.type)
            registry.triggers[trigger.type] = trigger
        return registry

    def _take(self, name: str) -> None:
        if name in self.nodes or name in self.triggers:
            raise ValueError(f"Two node types are called {name!r}.")

    def fitting(self, slot: Slot) -> list[str]:
        """The credential types that fit a slot; those of a slot that names none here, too."""
        return list(
            dict.fromkeys([*slot.types, *(n for n, k in self.credentials.items() if slot.takes(k))])
        )

    def names(self) -> list[str]:
        """All type names, sorted."""
        return sorted([*self.nodes, *self.triggers])


def installed() -> Registry:
    """The registry of all that is installed: built-in types use the same door as others.

    A package lists its types under the entry point groups ``treadle.nodes``,
    ``treadle.triggers`` and ``treadle.credentials``.
    """
    return Registry.of(
        [node for point in entry_points(group=NODES_GROUP) for node in point.load()],
        [trigger for point in entry_points(group=TRIGGERS_GROUP) for trigger in point.load()],
        [kind for point in entry_points(group=CREDENTIALS_GROUP) for kind in point.load()],
    )
