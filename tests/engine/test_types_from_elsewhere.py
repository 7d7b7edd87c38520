"""Types that are data, that change, and that are gone: what becomes of workflows with them."""

from __future__ import annotations

from typing import Any

import pytest

from functions.http.nodes.node_types import described
from functions.reference import page
from layers.catalogue import Declared, Sources
from tests.catalogue.installed import Installed, greeting
from tests.engine.harness import Stage, node, played

GREET = node("hello", "greet", {"text": "Hello {{ item.name }}! ", "times": "{{ item.times }}"})

END = node("end", "no_op")


def step_of(whole: dict[str, Any], node_id: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in whole["steps"] if one["node_id"] == node_id)
    return found


@pytest.fixture
def installed_types() -> Installed:
    return Installed()


@pytest.fixture
def stage(stage: Stage, installed_types: Installed) -> Stage:
    stage.sources = [installed_types]
    return stage


@played
async def test_a_type_that_is_nothing_but_data_runs(
    stage: Stage, installed_types: Installed
) -> None:
    installed_types.install(stage.home, greeting())
    saved = stage.save([node("m", "manual"), GREET], ["m -> hello"])

    whole = await stage.run(saved, {"name": "Ada", "times": 2}, {"name": "Ben", "times": 1})

    assert whole["error"] is None, whole["error"]
    assert step_of(whole, "hello")["output"] == {
        "main": [{"text": "Hello Ada! Hello Ada! "}, {"text": "Hello Ben! "}]
    }


@played
async def test_its_form_and_its_page_are_those_of_any_type(
    stage: Stage, installed_types: Installed
) -> None:
    installed_types.install(stage.home, greeting())
    catalogue = stage.parts.catalogue

    shown = {one.type: one for one in described(catalogue, stage.home, stage.parts.registry).items}
    assert shown["greet"].params_schema["properties"]["text"]["x-input"] == "template"
    assert shown["greet"].outputs == ["main"]
    assert [port.name for port in shown["greet"].output_ports] == ["main", "polite"]
    assert "greet" not in {
        one.type for one in described(catalogue, "elsewhere", stage.parts.registry).items
    }
    alone = page(Sources([_Everywhere(installed_types, stage.home)]))
    assert "### Greet (`greet`)" in alone
    assert "`polite` (depends on `polite`)" in alone


@played
async def test_a_node_whose_type_is_gone_fails_only_when_it_is_reached(
    stage: Stage, installed_types: Installed
) -> None:
    installed_types.install(stage.home, greeting())
    polite = {**GREET, "params": {**GREET["params"], "polite": True}}
    saved = stage.save(
        [node("m", "manual"), node("way", "if", {"condition": "item.greet"}), polite, END],
        ["m -> way", "way:true -> hello", "hello:polite -> end"],
    )
    installed_types.remove(stage.home, "greet")

    assert (await stage.run(saved, {"greet": False}))["status"] == "succeeded"
    whole = await stage.run(saved, {"greet": True})

    assert whole["status"] == "failed"
    error = step_of(whole, "hello")["error"]
    assert error["kind"] == "node_unavailable"
    assert "install the plugin that brings it" in error["message"]
    kept = (await stage.engine.plan(saved.version_id)).node("hello").definition
    assert kept.params == polite["params"]


@played
async def test_it_runs_again_once_its_type_is_back(
    stage: Stage, installed_types: Installed
) -> None:
    installed_types.install(stage.home, greeting())
    saved = stage.save([node("m", "manual"), GREET], ["m -> hello"])
    installed_types.remove(stage.home, "greet")
    assert (await stage.run(saved, {"name": "Ada", "times": 1}))["status"] == "failed"

    installed_types.install(stage.home, greeting())

    assert (await stage.run(saved, {"name": "Ada", "times": 1}))["status"] == "succeeded"


@played
async def test_what_an_older_version_was_saved_with_is_upgraded(
    stage: Stage, installed_types: Installed
) -> None:
    installed_types.install(stage.home, greeting())
    saved = stage.save([node("m", "manual"), GREET], ["m -> hello"])
    assert (await stage.run(saved, {"name": "Ada", "times": 1}))["status"] == "succeeded"

    def renamed(params: dict[str, Any]) -> dict[str, Any]:
        return {"text": params["text"], "count": params["times"]}

    schema = greeting().params_schema
    properties = schema["properties"]
    newer = {**properties, "count": properties["times"]}
    installed_types.install(
        stage.home,
        greeting(2, params_schema={**schema, "properties": newer}),
        upgrades={1: renamed},
    )
    plan = await stage.engine.plan(saved.version_id)

    assert plan.node("hello").definition.version == 2
    assert plan.node("hello").definition.params == {
        "text": GREET["params"]["text"],
        "count": "{{ item.times }}",
    }
    assert (await stage.run(saved, {"name": "Ada", "times": 1}))["status"] == "succeeded"


@played
async def test_a_newer_version_than_is_installed_says_what_is_needed(
    stage: Stage, installed_types: Installed
) -> None:
    installed_types.install(stage.home, greeting())
    saved = stage.save([node("m", "manual"), {**GREET, "version": 3}], ["m -> hello"])

    whole = await stage.run(saved, {"name": "Ada"})

    message = step_of(whole, "hello")["error"]["message"]
    assert "is installed in version 1, but version 3 is needed" in message


class _Everywhere(Declared):
    """What one workspace has installed, as if every one had."""

    def __init__(self, installed: Installed, workspace_id: str) -> None:
        self._types = {found.spec.type: found for found in installed.listed(workspace_id)}
