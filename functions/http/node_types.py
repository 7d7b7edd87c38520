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
    credential_types: list[str]
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
    described = [_node(node) for node in registry.nodes.values()]
    described += [_trigger(trigger) for trigger in registry.triggers.values()]
    return Listing(items=sorted(described, key=lambda one: one.type), next_cursor=None)


def _node(node: Node[Any]) -> NodeTypeOut:
    params = node.params.model_validate(node.sample.params, context={"compiler": COMPILER})
    return NodeTypeOut(
        **_shared(node),
        kind="node",
        inputs=list(node.input_ports(params)),
        outputs=list(node.output_ports(params)),
        dynamic_ports=callable(node.inputs) or callable(node.outputs),
        effect="pure" if node.effect is Effect.PURE else "effect",
    )


def _trigger(trigger: Trigger[Any]) -> NodeTypeOut:
    return NodeTypeOut(
        **_shared(trigger),
        kind="trigger",
        inputs=[],
        outputs=list(trigger.outputs),
        dynamic_ports=False,
        effect="pure",
    )


def _shared(declared: Node[Any] | Trigger[Any]) -> dict[str, Any]:
    return {
        "type": declared.type,
        "version": declared.version,
        "title": declared.title,
        "category": declared.category,
        "summary": declared.summary,
        "icon": declared.icon,
        "params_schema": declared.params.model_json_schema(),
        "credential_types": list(declared.credential_types),
        "sample": SampleOut(
            params=declared.sample.params,
            items=declared.sample.items,
            outputs=declared.sample.outputs,
        ),
    }
