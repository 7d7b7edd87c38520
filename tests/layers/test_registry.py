"""All types come through one door, and no two share a name."""

from __future__ import annotations

import pytest

from layers.registry import Registry, installed


def test_built_in_types_are_found_through_entry_points() -> None:
    registry = installed()
    assert {"set", "if", "merge", "loop", "python", "http_request"} <= set(registry.nodes)
    assert {"webhook", "schedule", "manual"} <= set(registry.triggers)
    assert registry.names() == sorted(registry.names())


def test_two_types_of_one_name_are_refused() -> None:
    node = installed().nodes["set"]
    with pytest.raises(ValueError, match="'set'"):
        Registry.of([node, node])


@pytest.mark.parametrize("name", installed().names())
def test_every_type_says_what_it_does_and_has_a_schema_with_described_fields(name: str) -> None:
    registry = installed()
    kind = registry.nodes.get(name) or registry.triggers[name]
    assert kind.title
    assert kind.summary.endswith(".")
    assert kind.category
    schema = kind.params.model_json_schema()
    for field, described in schema.get("properties", {}).items():
        assert described.get("title"), (name, field)
        assert described.get("description"), (name, field)
