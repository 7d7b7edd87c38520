"""A workflow version made ready to run: checked, compiled, and with its graph worked out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

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
    Json,
    Slot,
    Traits,
)
from layers.engine.core.compiler import ExpressionCompiler
from layers.engine.core.connections import compile_connections
from layers.engine.core.credentials import chosen
from layers.engine.core.definition import NodeDefinition, OnError, WorkflowDefinition
from layers.engine.core.graph import Graph, find_cycle
from layers.engine.core.plan_node import ERROR_PORT, PlanNode
from layers.engine.core.upgrading import UpgradeFailed, upgraded
from layers.errors import FieldError, InvalidInput


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
    edges = compile_connections(definition, nodes, index_of, errors)
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
    except UpgradeFailed as error:
        errors.append(FieldError(f"/nodes/{index}/version", str(error)))
        return None
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
        return upgraded(kind, node.params, self._version(node) or kind.spec.version)

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
