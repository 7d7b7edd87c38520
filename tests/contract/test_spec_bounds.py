"""Specs of people nobody knows: what is too large, or goes in circles, is refused, saying so."""

from __future__ import annotations

from typing import Any

import pytest

from layers.catalogue import NO_WORKSPACE, SpecRunner, catalogue_of
from layers.contract.spec import node_spec, to_json, trigger_spec
from layers.contract.spec_bounds import check_bounds
from layers.registry import installed
from tests.catalogue.installed import greeting


def schema(properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, **more}


def doubling(levels: int) -> dict[str, Any]:
    """Each level refers to the next one twice, so that written out there are 2 ** levels."""
    definitions = {
        f"Level{number}": {"anyOf": [{"$ref": f"#/$defs/Level{number + 1}"}] * 2}
        for number in range(levels)
    }
    definitions[f"Level{levels}"] = {"type": "string"}
    return schema({"a": {"$ref": "#/$defs/Level0"}}, **{"$defs": definitions})


def nested(levels: int) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "string"}
    for _ in range(levels):
        found = schema({"a": found})
    return found


CIRCLE = {"Tree": schema({"children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}})}
PING_PONG = {"A": {"anyOf": [{"$ref": "#/$defs/B"}]}, "B": {"$ref": "#/$defs/A"}}
HOSTILE = {
    "a circle": (schema({"a": {"$ref": "#/$defs/Tree"}}, **{"$defs": CIRCLE}), "in a circle"),
    "two in a circle": (
        schema({"a": {"$ref": "#/$defs/A"}}, **{"$defs": PING_PONG}),
        "in a circle",
    ),
    "itself": (schema({"a": {"$ref": "#/properties/a"}}), "in a circle"),
    "doubling": (doubling(11), "with all references and choices written out"),
    "depth": (nested(200), "levels deep"),
    "a chain, its end first": (
        schema(
            {f"p{at}": {"$ref": f"#/$defs/D{at}"} for at in range(100)},
            **{
                "$defs": {
                    "D0": {"type": "string"},
                    **{f"D{at}": {"$ref": f"#/$defs/D{at - 1}"} for at in range(1, 100)},
                }
            },
        ),
        "levels deep",
    ),
    "depth without end": (nested(900), "KiB|levels deep"),
    "elsewhere": (schema({"a": {"$ref": "https://example.com/schema"}}), "its own parts only"),
    "nowhere": (schema({"a": {"$ref": "#/$defs/Nothing"}}), "which it does not have"),
    "size": (schema({"a": {"default": "x" * 300_000}}), "256 KiB"),
    "parameters": (schema({f"p{at}": {} for at in range(201)}), "at most 200 parameters"),
    "no parameters": ({"type": "object", "properties": []}, "must be an object"),
    "a title": (schema({"a": {"title": "x" * 201}}), "'title' in 'params_schema'"),
    "a pattern": (schema({"a": {"pattern": "x" * 1001}}), "'pattern' in 'params_schema'"),
    "no schema": (schema({"a": {"type": "nonsense"}}), "no JSON Schema"),
    "a pattern that runs away": (schema({"a": {"pattern": "(?=a)(a+)+$"}}), "no JSON Schema"),
    "choices": (schema({"a": {"enum": list(range(1001))}}), "at most 1,000 values"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_schema_is_refused_and_the_type_named(name: str) -> None:
    hostile, reason = HOSTILE[name]
    with pytest.raises(ValueError, match=f"greet: .*({reason})"):
        SpecRunner(spec=greeting(params_schema=hostile))


@pytest.mark.parametrize(
    ("part", "value", "reason"),
    [
        ("type", "", "no 'type'"),
        ("type", "x" * 101, "'type' may have at most 100 characters"),
        ("version", 0, "at least 1"),
        ("title", "x" * 101, "'title' may have at most 100 characters"),
        ("summary", "x" * 501, "'summary'"),
        ("docs", "x" * 100_001, "'docs' may have at most 100,000 characters"),
        ("icon", "x" * 20_001, "'icon'"),
        ("outputs", [f"p{at}" for at in range(51)], "'outputs' may have at most 50 elements"),
        ("inputs", ["x" * 254], "at most 253 characters"),
        ("hosts", ["a.example"] * 101, "'hosts'"),
        ("sample", {"params": {"text": "x" * 70_000}}, "'sample' may have at most 64 KiB"),
    ],
)
def test_what_is_too_large_is_refused(part: str, value: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        greeting(**{part: value})


def test_a_runner_takes_no_spec_that_was_made_past_the_reading() -> None:
    spec = greeting()
    spec.params_schema["properties"]["a"] = {"$ref": "#/properties/a"}
    with pytest.raises(ValueError, match="in a circle"):
        SpecRunner(spec=spec)


def test_what_is_built_in_keeps_within_them() -> None:
    listed = catalogue_of(installed()).listed(NO_WORKSPACE)
    assert len(listed) > 20
    for found in listed:
        check_bounds(found.spec)


def test_a_trigger_is_measured_as_well() -> None:
    spec = next(one.spec for one in installed().triggers.values())
    with pytest.raises(ValueError, match="'title'"):
        trigger_spec({**to_json(spec), "title": "x" * 101})


def test_what_is_shared_without_a_circle_is_fine() -> None:
    node_spec(to_json(greeting(params_schema=doubling(5))))
