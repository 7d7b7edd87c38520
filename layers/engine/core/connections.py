"""A workflow's connections by node indexes and ports, checked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from layers.contract import Join
from layers.engine.core.definition import WorkflowDefinition
from layers.engine.core.plan_node import ERROR_PORT, PlanNode
from layers.errors import FieldError


@dataclass(frozen=True)
class Edge:
    """A connection by node indexes and ports."""

    source: int
    source_port: str
    target: int
    target_port: str


def compile_connections(
    definition: WorkflowDefinition,
    nodes: list[PlanNode | None],
    index_of: dict[str, int],
    errors: list[FieldError],
) -> list[tuple[int, Edge]]:
    """Those that are right, with their places in the document; mistakes go to ``errors``."""
    known = {node.id for node in definition.nodes}
    used: set[tuple[int, str]] = set()
    seen: set[Edge] = set()
    edges: list[tuple[int, Edge]] = []
    for position, connection in enumerate(definition.connections):
        pointer = f"/connections/{position}"
        dangling = [
            FieldError(f"{pointer}/{name}", f"There is no node with the id {node_id!r}.")
            for name, node_id in (("from", connection.source), ("to", connection.target))
            if node_id not in known
        ]
        errors.extend(dangling)
        source = _at(nodes, index_of.get(connection.source))
        target = _at(nodes, index_of.get(connection.target))
        if dangling or source is None or target is None:
            continue
        edge = _edge(source, target, connection.from_port, connection.to_port, used)
        if isinstance(edge, tuple):
            errors.append(FieldError(f"{pointer}/{edge[0]}", edge[1]))
        elif edge in seen:
            errors.append(FieldError(pointer, "The same connection is there twice."))
        else:
            seen.add(edge)
            used.add((edge.target, edge.target_port))
            edges.append((position, edge))
    return edges


def _at(nodes: list[PlanNode | None], index: int | None) -> PlanNode | None:
    return None if index is None else nodes[index]


def _edge(
    source: PlanNode,
    target: PlanNode,
    from_port: str | None,
    to_port: str | None,
    used: set[tuple[int, str]],
) -> Edge | tuple[str, str]:
    """The connection by ports, or which member is wrong and why."""
    if not target.inputs:
        return "to", f"{target.id!r} is a trigger: nothing can be connected to it."
    if not source.outputs:
        return "from", f"{source.id!r} ends the execution: nothing can be connected behind it."
    if from_port is None:
        from_port = source.outputs[0]
    elif from_port not in source.outputs:
        return "from_port", _no_port(source, "output", from_port, source.outputs)
    if to_port is None:
        free = (port for port in target.inputs if (target.index, port) not in used)
        to_port = target.inputs[0] if target.join is Join.EACH else next(free, target.inputs[0])
    elif to_port not in target.inputs:
        return "to_port", _no_port(target, "input", to_port, target.inputs)
    return Edge(source.index, from_port, target.index, to_port)


def _no_port(node: PlanNode, kind: str, port: str, ports: Iterable[str]) -> str:
    listed = ", ".join(repr(name) for name in ports)
    hint = " Set its on_error to 'error_port' to get that port." if port == ERROR_PORT else ""
    return f"{node.id!r} has no {kind} port {port!r}; it has {listed}.{hint}"
