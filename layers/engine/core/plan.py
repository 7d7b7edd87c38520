"""A workflow version made ready to run: checked, compiled, and with its graph worked out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from layers import jsontext
from layers.catalogue.port import (
    Catalogue,
    Found,
    Missing,
    NodeType,
    TriggerType,
    Unavailable,
    stand_in,
)
from layers.contract import (
    Control,
    Effect,
    Join,
    Json,
    NodeSpec,
    Runner,
    Slot,
    StartedBy,
    Traits,
    TriggerRunner,
    TriggerSpec,
)
from layers.engine.core.compiler import ExpressionCompiler
from layers.engine.core.credentials import ChosenCredentials, chosen
from layers.engine.core.definition import NodeDefinition, OnError, WorkflowDefinition
from layers.engine.core.graph import Graph, find_cycle
from layers.errors import FieldError, InvalidInput

ERROR_PORT = "error"


@dataclass(frozen=True, slots=True)
class PlanNode:
    """A node with its parameters compiled."""

    index: int
    definition: NodeDefinition
    spec: NodeSpec | TriggerSpec
    runner: Runner | TriggerRunner
    params: Any
    traits: Traits
    join: Join
    effect: Effect
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    credentials: ChosenCredentials

    @property
    def id(self) -> str:
        """The node's id in the workflow."""
        return self.definition.id

    @property
    def discards(self) -> tuple[str, ...]:
        """Output ports that are no result of an execution that ends here."""
        return self.spec.discards if isinstance(self.spec, NodeSpec) else ()

    @property
    def is_trigger(self) -> bool:
        """True for a node that starts executions."""
        return isinstance(self.spec, TriggerSpec)

    @property
    def acts_by_item(self) -> bool:
        """Whether each item that arrives has an outcome of its own."""
        return self.traits.by_item

    @property
    def is_loop(self) -> bool:
        """True for a node whose body comes back to it."""
        return (
            isinstance(self.spec, NodeSpec)
            and self.spec.control is Control.LOOP
            and not self.definition.disabled
        )

    @property
    def is_missing(self) -> bool:
        """True for a node whose type is not there any more: it fails when it is reached."""
        return isinstance(self.runner, Unavailable)

    @property
    def node_runner(self) -> Runner:
        """Who does the node's work; of a trigger there is none."""
        assert isinstance(self.spec, NodeSpec)
        return cast("Runner", self.runner)

    @property
    def trigger_spec(self) -> TriggerSpec:
        """What the trigger is; of a node there is none."""
        assert isinstance(self.spec, TriggerSpec)
        return self.spec

    @property
    def trigger_runner(self) -> TriggerRunner:
        """Who does the trigger's work; of a node there is none."""
        assert isinstance(self.spec, TriggerSpec)
        return cast("TriggerRunner", self.runner)

    def is_started_by(self, starter: StartedBy) -> bool:
        """Whether it is a trigger at which this one starts executions."""
        return isinstance(self.spec, TriggerSpec) and self.spec.started_by is starter


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
    document: object,
    catalogue: Catalogue,
    workspace_id: str,
    *,
    stored: bool = False,
    was_saved: bool = False,
    cookies: bool = True,
) -> Plan:
    """Check a workflow document and make its plan; ``cookies``: whether webhooks may set some.

    What is ``stored`` was checked when it was saved: rules of parameters that came later do not
    stop it from running. Of what ``was_saved``, nodes without a version are of the first one, and
    not of the newest. The plan's definition names the version of each node's type, with
    parameters as that version has them. A node whose type was there when it was saved, and is
    not any more, compiles: it fails when it is reached.

    Raises InvalidInput whose errors point at every mistake that was found.
    """
    try:
        definition = WorkflowDefinition.model_validate(document)
    except ValidationError as error:
        raise InvalidInput("The workflow is not valid.", errors=field_errors(error, ())) from error
    errors: list[FieldError] = []
    context = STORED if stored else SAVED if cookies else WITHOUT_COOKIES
    types = _Types(catalogue, workspace_id, was_saved=stored or was_saved)
    nodes = _compile_nodes(definition, types, errors, context)
    index_of = {node.id: node.index for node in nodes if node is not None}
    nodes = _with_ports_of_missing(definition, nodes)
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
    compiled = definition.model_copy(update={"nodes": [node.definition for node in whole]})
    return Plan(compiled, whole, graph, index_of, looks_back=_looks_back(compiled))


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
    types: _Types,
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
        nodes.append(_compile_node(index, node, types, errors, context))
    return nodes


def _compile_node(
    index: int,
    node: NodeDefinition,
    types: _Types,
    errors: list[FieldError],
    context: dict[str, object],
) -> PlanNode | None:
    kind = types.of(node)
    if isinstance(kind, Missing):
        errors.append(
            FieldError(
                f"/nodes/{index}/type",
                f"There is no node type {node.type!r}; GET /api/v1/node-types lists them.",
            )
        )
        return None
    try:
        given = types.upgraded(node, kind)
        params = kind.runner.read(given, context)
    except ValidationError as error:
        errors.extend(field_errors(error, ("nodes", index, "params")))
        return None
    if "stored" not in context and not isinstance(kind.runner, Unavailable):
        errors.extend(_slot_mistakes(index, node, kind.spec.slots))
    traits = (
        kind.runner.traits(params)
        if isinstance(kind, NodeType)
        else Traits(inputs=(), outputs=kind.spec.outputs)
    )
    outputs = traits.outputs
    if node.on_error is OnError.ERROR_PORT:
        outputs = (*outputs, ERROR_PORT)
    stamped = {"version": kind.spec.version, "params": given}
    return PlanNode(
        index=index,
        definition=node.model_copy(update=stamped),
        spec=kind.spec,
        runner=kind.runner,
        params=params,
        traits=traits,
        join=traits.join,
        effect=traits.effect,
        inputs=traits.inputs,
        outputs=outputs,
        credentials=chosen(kind.spec.slots, node.credential_id, node.credentials),
    )


def _slot_mistakes(
    index: int, node: NodeDefinition, slots: tuple[Slot, ...]
) -> Iterable[FieldError]:
    """What is wrong with where a node's credentials stand."""
    pointer = f"/nodes/{index}"
    names = [slot.name for slot in slots]
    for slot in node.credentials:
        if slot not in names:
            listed = ", ".join(repr(name) for name in names) or "none"
            message = f"{node.type!r} has no place {slot!r} for a credential; it has {listed}."
            yield FieldError(f"{pointer}/credentials/{slot}", message)
    if node.credential_id is not None and names and names[0] in node.credentials:
        message = f"'credentials' names one for {names[0]!r}, too; leave one of them out."
        yield FieldError(f"{pointer}/credential_id", message)


@dataclass(frozen=True)
class _Types:
    """The types that a workspace's workflow may have, and its nodes' parameters as they want them.

    What was stored before nodes had versions is of the first one; what is new, of the newest.
    """

    catalogue: Catalogue
    workspace_id: str
    was_saved: bool

    def of(self, node: NodeDefinition) -> Found | Missing:
        """The type of a node; one that was saved before, and is gone, has a stand-in."""
        version = self._version(node)
        found = self.catalogue.resolve(self.workspace_id, node.type, version)
        if isinstance(found, Missing) and version is not None:
            return stand_in(found, version)
        return found

    def upgraded(self, node: NodeDefinition, kind: NodeType | TriggerType) -> dict[str, Json]:
        """The node's parameters as the type that was found has them."""
        params = node.params
        for version in range(self._version(node) or kind.spec.version, kind.spec.version):
            params = kind.upgrades[version](dict(params))
        return params

    def _version(self, node: NodeDefinition) -> int | None:
        return node.version or (1 if self.was_saved else None)


def _with_ports_of_missing(
    definition: WorkflowDefinition, nodes: list[PlanNode | None]
) -> list[PlanNode | None]:
    """The same, where a node whose type is missing has the ports that its connections name."""
    return [
        _with_named_ports(definition, node) if node is not None and node.is_missing else node
        for node in nodes
    ]


def _with_named_ports(definition: WorkflowDefinition, node: PlanNode) -> PlanNode:
    arriving = (one.to_port for one in definition.connections if one.target == node.id)
    leaving = (one.from_port for one in definition.connections if one.source == node.id)
    return replace(
        node, inputs=_named(node.inputs, arriving), outputs=_named(node.outputs, leaving)
    )


def _named(ports: tuple[str, ...], named: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*ports, *(port for port in named if port is not None)]))


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
