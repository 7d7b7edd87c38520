"""A source of types that come as data and may change, as installed plugins do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from layers.catalogue import Found, NodeType, SchemaParams, SpecRunner
from layers.contract import Context, Item, Items, NodeSpec, Outputs
from layers.contract.item import Json
from layers.contract.spec import node_spec


def greeting(version: int = 1, **changed: Json) -> NodeSpec:
    """A spec as a file would bring it."""
    return node_spec(
        {
            "type": "greet",
            "version": version,
            "title": "Greet",
            "category": "Words",
            "summary": "Greets everybody.",
            "icon": "pencil",
            "params_schema": {
                "type": "object",
                "additionalProperties": False,
                "required": ["text"],
                "properties": {
                    "text": {"type": "string", "title": "Text", "x-input": "template"},
                    "times": {
                        "anyOf": [{"type": "integer", "minimum": 1}, {"type": "string"}],
                        "title": "Times",
                        "x-input": "template",
                        "default": 1,
                    },
                    "only_if": {
                        "anyOf": [{"$ref": "#/$defs/Condition"}, {"type": "null"}],
                        "default": None,
                        "title": "Only if",
                    },
                    "polite": {"type": "boolean", "title": "Polite", "default": False},
                },
                "$defs": {
                    "Condition": {
                        "anyOf": [{"type": "boolean"}, {"type": "string"}],
                        "x-input": "expression",
                    }
                },
            },
            "outputs": ["main", {"name": "polite", "when": {"polite": [True]}}],
            "sample": {"params": {"text": "Hello {{ item.name }}"}, "items": [{"name": "Ada"}]},
            **changed,
        }
    )


def greet(params: SchemaParams, items: Items, ctx: Context) -> Outputs:
    """What the runner of ``greeting`` does."""
    made = []
    for index in range(len(items)):
        values = params.evaluated(ctx, index)
        if values["only_if"] in (None, True):
            made.append(Item(text=values["text"] * values["times"]))
    return {"main": made, **({"polite": made} if params.values["polite"] else {})}


@dataclass
class Installed:
    """Types by workspace; ``install`` and ``remove`` change what is found from then on."""

    types: dict[tuple[str, str], NodeType] = field(default_factory=dict)
    changes: int = 0

    def install(self, workspace_id: str, spec: NodeSpec, **upgrades: object) -> None:
        """Make a type available to a workspace."""
        self.types[workspace_id, spec.type] = NodeType(
            spec,
            SpecRunner(spec=spec, run=greet),
            **upgrades,  # type: ignore[arg-type]
        )
        self.changes += 1

    def remove(self, workspace_id: str, name: str) -> None:
        """Take it away again."""
        del self.types[workspace_id, name]
        self.changes += 1

    def find(self, workspace_id: str, name: str, version: int | None) -> Found | None:
        """See ``TypeSource``."""
        found = self.types.get((workspace_id, name))
        if found is None or (version is not None and version > found.spec.version):
            return None
        return found

    def listed(self, workspace_id: str) -> Iterable[Found]:
        """See ``TypeSource``."""
        return [found for (where, _name), found in self.types.items() if where == workspace_id]

    def generation(self, workspace_id: str) -> int:
        """See ``TypeSource``."""
        return self.changes
