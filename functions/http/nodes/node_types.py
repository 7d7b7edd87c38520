"""What nodes and triggers there are: all that an editor needs to draw their forms."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, Literal

from fastapi import Request, Response
from pydantic import Field

from functions.http.access import parts_of, require
from functions.http.endpoint import group
from functions.http.shapes import Listing, Out
from layers.catalogue import NO_WORKSPACE, Catalogue
from layers.contract import (
    Control,
    Effect,
    Join,
    NodeSpec,
    PortsFrom,
    PortWhen,
    Source,
    StartedBy,
    TriggerSpec,
)
from layers.contract.spec import Port, port_names
from layers.identity import Caller, Permission
from layers.registry import Registry

router = group("node types", "/node-types")

LISTINGS_KEPT = 200


class SampleOut(Out):
    """An example of its use."""

    params: dict[str, Any]
    items: list[dict[str, Any]]
    outputs: dict[str, list[dict[str, Any]]] | None = Field(
        description="What comes out, by port; null where it depends on the world."
    )


class SlotOut(Out):
    """A node's place for one credential."""

    name: str
    title: str
    description: str
    types: list[str] = Field(description="The credential types that fit.")
    is_required: bool


class PortOut(Out):
    """A port, or one for each element of a list parameter."""

    name: str | None = Field(description="Its name; null where each element names one.")
    when: dict[str, list[Any]] = Field(
        description="The values of parameters with which it is there; empty: always."
    )
    parameter: str | None = Field(description="The list whose elements name ports.")
    field: str | None = Field(description="The field of an element that is the port's name.")

    @classmethod
    def of(cls, port: Port) -> PortOut:
        """A spec's port as the API shows it."""
        match port:
            case PortWhen(name, when):
                shown = {parameter: list(values) for parameter, values in when.items()}
                return cls(name=name, when=shown, parameter=None, field=None)
            case PortsFrom(parameter, field):
                return cls(name=None, when={}, parameter=parameter, field=field)
            case name:
                return cls(name=name, when={}, parameter=None, field=None)


class NodeTypeOut(Out):
    """A node type or trigger type."""

    type: str
    version: int
    title: str
    category: str
    summary: str
    docs: str = Field(description="More documentation, in Markdown; may be empty.")
    kind: Literal["node", "trigger"]
    icon: str
    inputs: list[str] = Field(description="Input ports, with the sample's parameters.")
    outputs: list[str] = Field(description="Output ports, with the sample's parameters.")
    dynamic_ports: bool = Field(description="Whether the ports depend on the parameters.")
    input_ports: list[PortOut] = Field(description="How the input ports follow from parameters.")
    output_ports: list[PortOut] = Field(description="How the output ports follow from parameters.")
    params_schema: dict[str, Any] = Field(
        description="JSON Schema of the parameters with hints for the form (`x-…`)."
    )
    credential_types: list[str] = Field(description="Those that fit one of its slots.")
    credentials: list[SlotOut] = Field(description="Its places for credentials.")
    effect: Literal["pure", "effect"] = Field(
        description="Whether running it does something to the world."
    )
    is_loop: bool = Field(description="Whether what follows its first port comes back to it.")
    joins: bool = Field(description="Whether it brings what arrives at several ports together.")
    in_sandbox: bool = Field(description="Whether it runs code of the workflow's author.")
    source: Source | None = Field(description="How a trigger's events come in; null for a node.")
    started_by: StartedBy | None = Field(
        description="Who starts executions at a trigger; null for a node."
    )
    remembers: dict[str, list[Any]] | None = Field(
        description="The values of parameters with which it remembers earlier runs; null: never."
    )
    keeps_time: bool = Field(description="Whether it starts the workflow by the clock alone.")
    hosts: list[str] = Field(description="Where it sends requests to, whatever its parameters.")
    sample: SampleOut


@router.get("", response_model=Listing[NodeTypeOut])
def list_node_types(
    request: Request, caller: Annotated[Caller, require(Permission.WORKFLOW_READ)]
) -> Response:
    """List all node types and trigger types, by name; they come in one part."""
    parts = parts_of(request)
    kept: Listings | None = getattr(request.app.state, "node_types", None)
    if kept is None:
        kept = request.app.state.node_types = Listings(parts.catalogue, parts.registry)
    return Response(kept.of(caller.workspace_id), media_type="application/json")


class Listings:
    """What is sent of the types, for each workspace as long as its types stay the same."""

    def __init__(self, catalogue: Catalogue, registry: Registry) -> None:
        self._catalogue = catalogue
        self._registry = registry
        # The schemas take a while to write. Workspaces with the same types share one text.
        self._kept = lru_cache(maxsize=LISTINGS_KEPT)(self._written)

    def of(self, workspace_id: str) -> str:
        """The listing as JSON text."""
        generation = self._catalogue.generation(workspace_id)
        # Generation 0 is that of a workspace with nothing but what every workspace has.
        return self._kept(workspace_id if generation else NO_WORKSPACE, generation)

    def _written(self, workspace_id: str, _generation: int) -> str:
        return described(self._catalogue, workspace_id, self._registry).model_dump_json()


def described(catalogue: Catalogue, workspace_id: str, registry: Registry) -> Listing[NodeTypeOut]:
    """Describe every type that a workspace may use."""
    items = [_out(found.spec, registry) for found in catalogue.listed(workspace_id)]
    return Listing(items=items, next_cursor=None)


def _out(spec: NodeSpec | TriggerSpec, registry: Registry) -> NodeTypeOut:
    node = spec if isinstance(spec, NodeSpec) else None
    trigger = spec if isinstance(spec, TriggerSpec) else None
    inputs = () if node is None else node.inputs
    sampled = _sampled(spec)
    slots = [
        SlotOut(
            name=slot.name,
            title=slot.title,
            description=slot.description,
            types=registry.fitting(slot),
            is_required=slot.is_required,
        )
        for slot in spec.slots
    ]
    return NodeTypeOut(
        type=spec.type,
        version=spec.version,
        title=spec.title,
        category=spec.category,
        summary=spec.summary,
        docs=spec.docs,
        kind="trigger" if node is None else "node",
        icon=spec.icon,
        inputs=list(port_names(inputs, sampled)),
        outputs=list(port_names(spec.outputs, sampled)),
        dynamic_ports=node is not None and node.has_dynamic_ports,
        input_ports=[PortOut.of(port) for port in inputs],
        output_ports=[PortOut.of(port) for port in spec.outputs],
        params_schema=spec.params_schema,
        credential_types=list(dict.fromkeys(name for slot in slots for name in slot.types)),
        credentials=slots,
        hosts=list(spec.hosts),
        effect="effect" if node is not None and node.effect is not Effect.PURE else "pure",
        is_loop=node is not None and node.control is Control.LOOP,
        joins=node is not None and node.join is not Join.EACH,
        in_sandbox=node is not None and node.in_sandbox,
        source=None if trigger is None else trigger.source,
        started_by=None if trigger is None else trigger.started_by,
        remembers=None
        if node is None or node.remembers is None
        else {name: list(values) for name, values in node.remembers.items()},
        keeps_time=trigger is not None and trigger.keeps_time,
        sample=SampleOut(
            params=spec.sample.params, items=spec.sample.items, outputs=spec.sample.outputs
        ),
    )


def _sampled(spec: NodeSpec | TriggerSpec) -> dict[str, Any]:
    """The sample's parameters, with the defaults that its ports may depend on."""
    declared: dict[str, Any] = spec.params_schema.get("properties", {})
    defaults = {name: one["default"] for name, one in declared.items() if "default" in one}
    return {**defaults, **spec.sample.params}
