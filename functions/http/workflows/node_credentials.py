"""Whether the credentials that a workflow's nodes name are there, and fit their places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from layers.database.models import Credential
from layers.engine.core.plan_node import PlanNode
from layers.errors import FieldError
from layers.registry import Registry


def credential_mistakes(
    node: PlanNode, credentials: Mapping[str, Credential], registry: Registry
) -> Iterator[FieldError]:
    """What is wrong with a node's credentials, of those that the workspace has, by id.

    A disabled node may lack those that it needs.
    """
    slots = {slot.name: slot for slot in node.credentials.slots}
    for name, credential_id in node.credentials.ids.items():
        in_slot = name in node.definition.credentials
        where = f"credentials/{name}" if in_slot else "credential_id"
        pointer = f"/nodes/{node.index}/{where}"
        row = credentials.get(credential_id)
        if row is None:
            yield FieldError(pointer, "There is no such credential in this workspace.")
            continue
        # What 'credential_id' names was never held against types when it was saved.
        kind = registry.credentials.get(row.type) if in_slot and name in slots else None
        if kind is not None and not slots[name].takes(kind):
            fitting = ", ".join(registry.fitting(slots[name]))
            message = f"{row.name!r} is of type {row.type!r}; choose one of {fitting}."
            yield FieldError(pointer, message)
    for slot in node.credentials.slots:
        is_lacking = slot.is_required and slot.name not in node.credentials.ids
        if is_lacking and not node.definition.disabled:
            pointer = f"/nodes/{node.index}/credentials/{slot.name}"
            yield FieldError(pointer, f"Choose a credential for '{slot.title or slot.name}'.")
