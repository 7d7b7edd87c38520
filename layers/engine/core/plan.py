"""A workflow version made ready to run: checked, compiled, and with its graph worked out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from layers import jsontext
from layers.contract import Control, Effect, Join, Node, Params, Trigger
from layers.engine.core.compiler import ExpressionCompiler
from layers.engine.core.definition import NodeDefinition, OnError, WorkflowDefinition
from layers.engine.core.graph import Graph, find_cycle
from layers.errors import FieldError, InvalidInput
from layers.registry import Registry

ERROR_PORT = "error"


@dataclass(frozen=True, slots=True)
class PlanNode:
    """A node with its parameters compiled."""

    index: int
    definition: NodeDefinition
    type: Node[Any] | Trigger[Any]
    params: Params
    join: Join
    effect: Effect
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    @property
    def id(self) -> str:
        """The node's id in the workflow."""
        return self.definition.id

    @property
    def discards(self) -> tuple[str, ...]:
        """Output ports that are no result of an execution that ends here."""
        return self.type.discards if isinstance(self.type, Node) else ()

    @property
    def is_trigger(self) -> bool:
        """True for a node that starts executions."""
        return isinstance(self.type, Trigger)

    @property
    def acts_by_item(self) -> bool:
        """Whether each item that arrives has an outcome of its own."""
        return isinstance(self.type, Node) and self.type.is_by_item(self.params)

    @property
    def is_loop(self) -> bool:
        """True for a node whose body comes back to it."""
        return (
            isinstance(self.type, Node)
            and self.type.control is Control.LOOP
            and not self.definition.disabled
        )


@dataclass(frozen=True)
class Plan:
    """A checked workflow."""

    definition: WorkflowDefinition
    nodes: tuple[PlanNode, ...]
    graph: Graph
    index_of: dict[str, int] = field(default_factory=dict)
    looks_back: bool = False
    """Whether an expression may ask what other nodes gave."""

    @cached_property
    def reads_variables(self) -> bool:
        """Whether ``vars`` may stand in a parameter; it can be written in other letters, too."""
        texts = (jsontext.dumps(node.params) for node in self.definition.nodes)
        return any("vars" in text or not text.isascii() for text in texts)

    def node(self, node_id: str) -> PlanNode:
        """The node with this id; raises KeyError."""
        return self.nodes[self.index_of[node_id]]

    def triggers(self) -> list[PlanNode]:
        """The enabled trigger nodes, in the document's order."""
        return [node for node in self.nodes if node.is_trigger and not node.definition.disabled]


def compile_plan(
    document: object, registry: Registry, *, stored: bool = False, cookies: bool = True
) -> Plan:
    """Check a workflow document and make its plan; ``cookies``: whether webhooks may set some.

    What is ``stored`` was checked when it was saved: rules of parameters that came later do not
    stop it from running. Raises InvalidInput whose errors point at every mistake that was found.
    """
    try:
        definition = WorkflowDefinition.model_validate(document)
    except ValidationError as error:
        raise InvalidInput("The workflow is not valid.", errors=field_errors(error, ())) from error
    errors: list[FieldError] = []
    context = STORED if stored else SAVED if cookies else WITHOUT_COOKIES
    nodes = _compile_nodes(definition, registry, errors, context)
    index_of = {node.id: node.index for node in nodes if node is not None}
    edges = _compile_connections(definition, nodes, index_of, errors)
    if errors:
        raise InvalidInput("The workflow is not valid.", errors=errors)
    whole = tuple(node for node in nodes if node is not None)
    graph = Graph.build(
        len(whole),
        [edge for _position, edge in edges],
        {node.index for node in whole if node.is_loop},
    )
    cycle = find_cycle(graph)
    if cycle is not None:
        position = next(position for position, edge in edges if (edge.source, edge.target) == cycle)
        raise InvalidInput(
            "The workflow is not valid.",
            errors=[
                FieldError(
                    f"/connections/{position}",
                    "This connection closes a cycle; only a cycle from the port 'batch' of a "
                    "'loop' node back to that node is allowed.",
                )
            ],
        )
    return Plan(definition, whole, graph, index_of, looks_back=_looks_back(definition))


def _looks_back(definition: WorkflowDefinition) -> bool:
    """Whether ``nodes`` stands in a parameter; a name can be written in other letters, too."""
    texts = (jsontext.dumps(node.params) for node in definition.nodes)
    return any("nodes" in text or not text.isascii() for text in texts)


@dataclass(frozen=True)
class Edge:
    """A connection by node indexes and ports."""

    source: int
    source_port: str
    target: int
    target_port: str


def _compile_nodes(
    definition: WorkflowDefinition,
    registry: Registry,
    errors: list[FieldError],
    context: dict[str, object],
) -> list[PlanNode | None]:
    seen: set[str] = set()
    nodes: list[PlanNode | None] = []
    for index, node in enumerate(definition.nodes):
        if node.id in seen:
            errors.append(
                FieldError(f"/nodes/{index}/id", f"Two nodes have the id {node.id!r}; rename one.")
            )
        seen.add(node.id)
        nodes.append(_compile_node(index, node, registry, errors, context))
    return nodes


def _compile_node(
    index: int,
    node: NodeDefinition,
    registry: Registry,
    errors: list[FieldError],
    context: dict[str, object],
) -> PlanNode | None:
    kind: Node[Any] | Trigger[Any] | None = registry.nodes.get(node.type)
    kind = kind or registry.triggers.get(node.type)
    if kind is None:
        errors.append(
            FieldError(
                f"/nodes/{index}/type",
                f"There is no node type {node.type!r}; GET /api/v1/node-types lists them.",
            )
        )
        return None
    try:
        params = kind.params.model_validate(node.params, context=context)
    except ValidationError as error:
        errors.extend(field_errors(error, ("nodes", index, "params")))
        return None
    outputs = kind.outputs if isinstance(kind, Trigger) else kind.output_ports(params)
    if node.on_error is OnError.ERROR_PORT:
        outputs = (*outputs, ERROR_PORT)
    return PlanNode(
        index=index,
        definition=node,
        type=kind,
        params=params,
        join=_join(kind, params),
        effect=_effect(kind, params),
        inputs=() if isinstance(kind, Trigger) else kind.input_ports(params),
        outputs=outputs,
    )


def _join(kind: Node[Any] | Trigger[Any], params: Params) -> Join:
    if isinstance(kind, Trigger):
        return Join.EACH
    return kind.join_of(params) if kind.join_of else kind.join


def _effect(kind: Node[Any] | Trigger[Any], params: Params) -> Effect:
    if isinstance(kind, Trigger):
        return Effect.PURE
    return kind.effect_of(params) if kind.effect_of else kind.effect


def _compile_connections(
    definition: WorkflowDefinition,
    nodes: list[PlanNode | None],
    index_of: dict[str, int],
    errors: list[FieldError],
) -> list[tuple[int, Edge]]:
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


def field_errors(error: ValidationError, prefix: tuple[str | int, ...]) -> list[FieldError]:
    """What is wrong, each with a pointer that begins with ``prefix``."""
    return [_field_error(detail, prefix) for detail in error.errors(include_url=False)]


def _field_error(detail: ErrorDetails, prefix: tuple[str | int, ...]) -> FieldError:
    path = [str(part).replace("~", "~0").replace("/", "~1") for part in (*prefix, *detail["loc"])]
    message = detail["msg"].removeprefix("Value error, ")
    return FieldError("".join(f"/{part}" for part in path), message)


COMPILER = ExpressionCompiler()
SAVED: dict[str, object] = {"compiler": COMPILER}
STORED = {**SAVED, "stored": True}
WITHOUT_COOKIES = {**SAVED, "cookies": False}
