"""A type that is nothing but data, with a runner of its own, compiles by its JSON Schema."""

from __future__ import annotations

from typing import Any

import pytest

from layers.catalogue import catalogue_of, described
from layers.contract import Effect
from layers.engine.core.plan import Plan, compile_plan
from layers.errors import InvalidInput
from layers.registry import Registry
from tests.catalogue.installed import Installed, greeting

HOME = "home"
SOURCE = Installed()
SOURCE.install(HOME, greeting())
CATALOGUE = catalogue_of(Registry.of(), [SOURCE])


def compiled(**params: Any) -> Plan:
    node = {"id": "hello", "type": "greet", "params": params}
    return compile_plan({"name": "Greeting", "nodes": [node]}, CATALOGUE, HOME)


def mistakes(**params: Any) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        compiled(**params)
    return [error.pointer for error in caught.value.errors]


def test_defaults_are_filled_in_and_ports_follow_from_parameters() -> None:
    node = compiled(text="Hello", polite=True).node("hello")

    assert node.params.sources() == {"text": "Hello", "times": 1, "only_if": None, "polite": True}
    assert node.outputs == ("main", "polite")
    assert compiled(text="Hello").node("hello").outputs == ("main",)
    assert node.effect is Effect.PURE


def test_mistakes_are_pointed_at_like_those_in_a_declared_type() -> None:
    at = "/nodes/0/params"
    assert mistakes(text=5) == [f"{at}/text"]
    assert mistakes(text="{{ 1 + }}") == [f"{at}/text"]
    assert mistakes(text="a", times="many") == [f"{at}/times"]
    assert mistakes(text="a", times=0) == [f"{at}/times"]
    assert mistakes(text="a", polite="yes") == [f"{at}/polite"]
    assert mistakes(text="a", only_if="1 +") == [f"{at}/only_if"]
    assert mistakes(text="a", colour="red") == [at]
    assert mistakes() == [at]


def test_what_is_no_template_is_never_evaluated() -> None:
    assert compiled(text="a", only_if="item.a > 1").node("hello").params.values["only_if"].source

    assert mistakes(text="a", polite="{{ True }}") == ["/nodes/0/params/polite"]


def test_another_workspace_does_not_see_it() -> None:
    with pytest.raises(InvalidInput):
        compile_plan(
            {"name": "Greeting", "nodes": [{"id": "a", "type": "greet", "params": {"text": "a"}}]},
            CATALOGUE,
            "elsewhere",
        )


def test_a_reading_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(described, "MOST_STEPS", 3)
    with pytest.raises(InvalidInput) as caught:
        compiled(text="a", times=2, polite=True)
    (error,) = caught.value.errors
    assert error.pointer == "/nodes/0/params"
    assert "too many to be read" in error.message
