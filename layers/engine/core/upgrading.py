"""Parameters of a node that was saved with an older version of its type, as the newest has them."""

from __future__ import annotations

from copy import deepcopy

from layers.catalogue.port import Catalogue, Missing, NodeType, TriggerType
from layers.contract import Json
from layers.errors import FieldError


class UpgradeFailed(Exception):
    """An ``upgrade`` of a type could not read what a node has."""


def upgraded(
    kind: NodeType | TriggerType, params: dict[str, Json], version: int
) -> dict[str, Json]:
    """The parameters of a version as the type has them now; raises UpgradeFailed."""
    newest = kind.spec.version
    if version >= newest:
        return params
    made: object = deepcopy(params)
    for at in range(version, newest):
        try:
            made = kind.upgrades[at](made)  # type: ignore[arg-type] # checked below
        except Exception as error:
            raise UpgradeFailed(
                _message(kind, version, f"{type(error).__name__}: {error}")
            ) from error
        if not isinstance(made, dict):
            raise UpgradeFailed(_message(kind, version, f"it gave {type(made).__name__}"))
    return made  # type: ignore[return-value]


def _message(kind: NodeType | TriggerType, version: int, why: str) -> str:
    name, newest = kind.spec.type, kind.spec.version
    return (
        f"It was made with version {version} of {name!r}, and its parameters could not be made "
        f"those of version {newest} ({why}). Replace the node by a new one, or install a release "
        "that can."
    )


def with_newest_versions(
    document: dict[str, Json], catalogue: Catalogue, workspace_id: str, *, was_saved: bool
) -> tuple[dict[str, Json], list[FieldError]]:
    """A document whose nodes are of their types' newest versions, and those that cannot be.

    Those stay as they are. Where it ``was_saved`` as a version, nodes that name no version are of
    the first one; in a draft they are of the newest.
    """
    mistakes: list[FieldError] = []
    nodes: list[Json] = []
    for index, node in enumerate(document["nodes"]):
        try:
            nodes.append(_newest(node, catalogue, workspace_id, was_saved=was_saved))
        except UpgradeFailed as failure:
            nodes.append(node)
            mistakes.append(FieldError(f"/nodes/{index}/version", str(failure)))
    return {**document, "nodes": nodes}, mistakes


def _newest(
    node: dict[str, Json], catalogue: Catalogue, workspace_id: str, *, was_saved: bool
) -> dict[str, Json]:
    version = node.get("version") or (1 if was_saved else None)
    params = node.get("params", {})
    if not isinstance(version, int) or not isinstance(params, dict):
        return node
    found = catalogue.resolve(workspace_id, node["type"], None)
    if isinstance(found, Missing) or version >= found.spec.version:
        return node
    return {**node, "version": found.spec.version, "params": upgraded(found, params, version)}
