"""Trying out a part of a workflow: which nodes it takes, and which steps need not run again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from layers.engine.core.definition import NodeDefinition, WorkflowDefinition
from layers.engine.core.plan import Plan
from layers.errors import FieldError, InvalidInput


def up_to(definition: WorkflowDefinition, node_id: str) -> WorkflowDefinition:
    """The workflow cut to a node and all that leads to it; raises InvalidInput."""
    if all(node.id != node_id for node in definition.nodes):
        raise InvalidInput(
            errors=[FieldError("/node_id", f"The workflow has no node {node_id!r}.")]
        )
    kept = {node_id}
    waiting = [node_id]
    while waiting:
        target = waiting.pop()
        for connection in definition.connections:
            if connection.target == target and connection.source not in kept:
                kept.add(connection.source)
                waiting.append(connection.source)
    return definition.model_copy(
        update={
            "nodes": [node for node in definition.nodes if node.id in kept],
            "connections": [
                one
                for one in definition.connections
                if one.source in kept and one.target in kept and one.source != node_id
            ],
        }
    )


def changed_nodes(before: Plan, after: Plan) -> frozenset[str]:
    """The nodes of ``after`` that would not do what they did in ``before``.

    They are new, or have other parameters or other connections that lead to them.
    """
    known = {node.id: _signature(before, node.definition) for node in before.nodes}
    return frozenset(
        node.id for node in after.nodes if known.get(node.id) != _signature(after, node.definition)
    )


def _signature(plan: Plan, node: NodeDefinition) -> tuple[Any, ...]:
    told = node.model_dump(exclude={"name", "position", "notes", "retry", "timeout_s"})
    arriving: Sequence[Any] = sorted(
        (one.source, one.from_port or "", one.to_port or "")
        for one in plan.definition.connections
        if one.target == node.id
    )
    return told, arriving
