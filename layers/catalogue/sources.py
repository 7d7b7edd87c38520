"""The catalogue of this process, and the source of what is declared in Python."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from layers.catalogue.port import Catalogue, Found, Missing, NodeType, TriggerType, TypeSource
from layers.contract import Node
from layers.registry import Registry


def node_type(node: Node[Any]) -> NodeType:
    """A declared node as others see it: it is its own runner."""
    return NodeType(node.spec, node, node.upgrades)


class Declared:
    """Types that packages of this process declare: the same for all workspaces, for good."""

    def __init__(self, registry: Registry) -> None:
        self._types: dict[str, Found] = {}
        for node in registry.nodes.values():
            self._types[node.type] = node_type(node)
        for trigger in registry.triggers.values():
            self._types[trigger.type] = TriggerType(trigger.spec, trigger, trigger.upgrades)

    def find(self, workspace_id: str, name: str, version: int | None) -> Found | None:
        """The one version that there is, if it is as new as what is asked for."""
        found = self._types.get(name)
        if found is None or (version is not None and version > found.spec.version):
            return None
        return found

    def listed(self, workspace_id: str) -> Iterable[Found]:
        """All of them."""
        return self._types.values()

    def generation(self, workspace_id: str) -> int:
        """They do not change while the process runs."""
        return 0


class Sources:
    """A catalogue of several sources; an earlier one comes first where two know a name."""

    def __init__(self, sources: Sequence[TypeSource]) -> None:
        self._sources = tuple(sources)

    def resolve(self, workspace_id: str, name: str, version: int | None = None) -> Found | Missing:
        """The type that a workflow's node has; without ``version`` the newest one."""
        for source in self._sources:
            found = source.find(workspace_id, name, version)
            if found is not None:
                return found
        return Missing(name, self._remedy(workspace_id, name, version))

    def _remedy(self, workspace_id: str, name: str, version: int | None) -> str:
        for source in self._sources:
            found = source.find(workspace_id, name, None)
            if found is not None:
                return (
                    f"The node type {name!r} is installed in version {found.spec.version}, but "
                    f"version {version} is needed: install a newer release of what brings it."
                )
        return (
            f"The node type {name!r} is not installed here: install the plugin that brings it, "
            "or replace the node."
        )

    def listed(self, workspace_id: str) -> list[Found]:
        """All types that a workspace may use, by name, each in its newest version."""
        by_name: dict[str, Found] = {}
        for source in reversed(self._sources):
            by_name.update({found.spec.type: found for found in source.listed(workspace_id)})
        return [by_name[name] for name in sorted(by_name)]

    def generation(self, workspace_id: str) -> int:
        """It grows with that of any source."""
        return sum(source.generation(workspace_id) for source in self._sources)


def catalogue_of(registry: Registry, installed: Sequence[TypeSource] = ()) -> Catalogue:
    """The catalogue of what is declared, and of what else is ``installed``."""
    return Sources([Declared(registry), *installed])
