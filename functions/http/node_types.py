"""What nodes and triggers there are: all that an editor needs to draw their forms."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Request, Response
from pydantic import Field

from functions.http.access import parts_of, require
from functions.http.endpoint import group
from functions.http.shapes import Listing, Out
from layers.contract import Effect, Node, Trigger
from layers.engine.core.plan import COMPILER
from layers.identity import Caller, Permission
from layers.registry import Registry

router = group("node types", "/node-types")


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
    types: list[str] = Field(description="The credential types that fit.")
    is_required: bool


class NodeTypeOut(Out):
    """A node type or trigger type."""

    type: str
    version: int
    title: str
    category: str
    summary: str
    kind: Literal["node", "trigger"]
    icon: str
    inputs: list[str] = Field(description="Input ports, with the sample's parameters.")
    outputs: list[str] = Field(description="Output ports, with the sample's parameters.")
    dynamic_ports: bool = Field(description="Whether the ports depend on the parameters.")
    params_schema: dict[str, Any] = Field(
        description="JSON Schema of the parameters with hints for the form (`x-…`)."
    )
    credential_types: list[str] = Field(description="Those that fit one of its slots.")
    credentials: list[SlotOut] = Field(description="Its places for credentials.")
    effect: Literal["pure", "effect"] = Field(
        description="Whether running it does something to the world."
    )
    sample: SampleOut


@router.get("", response_model=Listing[NodeTypeOut])
def list_node_types(
    request: Request, caller: Annotated[Caller, require(Permission.WORKFLOW_READ)]
) -> Response:
    """List all node types and trigger types, by name; they come in one part."""
    state = request.app.state
    # They cannot change while the process runs, and the schemas take a while to make.
    if not hasattr(state, "node_types"):
        state.node_types = catalogue(parts_of(request).registry).model_dump_json()
    return Response(state.node_types, media_type="application/json")


def catalogue(registry: Registry) -> Listing[NodeTypeOut]:
    """Describe every type of a registry."""
    described = [_node(node, registry) for node in registry.nodes.values()]
    described += [_trigger(trigger, registry) for trigger in registry.triggers.values()]
    return Listing(items=sorted(described, key=lambda one: one.type), next_cursor=None)


def _node(node: Node[Any], registry: Registry) -> NodeTypeOut:
    params = node.params.model_validate(node.sample.params, context={"compiler": COMPILER})
    return NodeTypeOut(
        **_shared(node, registry),
        kind="node",
        inputs=list(node.input_ports(params)),
        outputs=list(node.output_ports(params)),
        dynamic_ports=callable(node.inputs) or callable(node.outputs),
        effect="pure" if node.effect is Effect.PURE else "effect",
    )


def _trigger(trigger: Trigger[Any], registry: Registry) -> NodeTypeOut:
    return NodeTypeOut(
        **_shared(trigger, registry),
        kind="trigger",
        inputs=[],
        outputs=list(trigger.outputs),
        dynamic_ports=False,
        effect="pure",
    )


def _shared(declared: Node[Any] | Trigger[Any], registry: Registry) -> dict[str, Any]:
    slots = [
        SlotOut(
            name=slot.name,
            title=slot.title,
            types=registry.fitting(slot),
            is_required=slot.is_required,
        )
        for slot in declared.slots
    ]
    return {
        "type": declared.type,
        "version": declared.version,
        "title": declared.title,
        "category": declared.category,
        "summary": declared.summary,
        "icon": declared.icon,
        "params_schema": declared.params.model_json_schema(),
        "credential_types": list(dict.fromkeys(name for slot in slots for name in slot.types)),
        "credentials": slots,
        "sample": SampleOut(
            params=declared.sample.params,
            items=declared.sample.items,
            outputs=declared.sample.outputs,
        ),
    }
