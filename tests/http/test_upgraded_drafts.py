"""What was made with an older version of a type opens as the newest one has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from functions.parts import Parts
from tests.catalogue.installed import Installed, greeting
from tests.conftest import Person
from tests.http.test_drafts import begin, save

START = {"id": "start", "type": "manual", "params": {}}
HELLO = {"id": "hello", "type": "greet", "params": {"text": "Hello", "times": 2}}
DOCUMENT: dict[str, Any] = {
    "name": "Greeting",
    "nodes": [START, HELLO],
    "connections": [{"from": "start", "to": "hello"}],
}


@pytest.fixture
def installed_types() -> Installed:
    return Installed()


@pytest.fixture
def parts(make_parts: Callable[..., Parts], installed_types: Installed) -> Parts:
    return make_parts(sources=[installed_types])


def renamed(params: dict[str, Any]) -> dict[str, Any]:
    """What version 2 calls ``count`` was ``times`` in version 1; whoever has none is refused."""
    return {"text": params["text"], "count": params.pop("times")}


def install_second(installed_types: Installed, workspace_id: str, upgrade: Any = renamed) -> None:
    schema = greeting().params_schema
    properties = {**schema["properties"], "count": schema["properties"]["times"]}
    del properties["times"]
    spec = greeting(2, params_schema={**schema, "properties": properties})
    installed_types.install(workspace_id, spec, upgrades={1: upgrade})


def published(ada: Person, installed_types: Installed) -> str:
    """A workflow that was published when there was one version."""
    installed_types.install(ada.workspace_id, greeting())
    address, _etag = begin(ada, DOCUMENT)
    assert ada.program.post(f"{address}/publish", json={}).status == 200
    return address


def node_of(draft: Any) -> dict[str, Any]:
    assert draft.status == 200, draft.text
    node: dict[str, Any] = draft.json()["document"]["nodes"][1]
    return node


def test_a_published_node_opens_as_the_newest_version_has_it(
    ada: Person, installed_types: Installed
) -> None:
    address = published(ada, installed_types)
    install_second(installed_types, ada.workspace_id)
    opened = ada.program.get(f"{address}/draft")
    assert node_of(opened)["version"] == 2
    assert node_of(opened)["params"] == {"text": "Hello", "count": 2}
    assert opened.json()["problems"] == []
    assert opened.json()["revision"] == 0, "nothing is kept by looking"
    stored = ada.program.get(f"{address}/versions/1").json()["workflow"]["nodes"][1]
    assert (stored["version"], stored["params"]["times"]) == (1, 2)


def test_a_draft_is_kept_with_it_once_somebody_saves(
    ada: Person, installed_types: Installed
) -> None:
    address = published(ada, installed_types)
    older = ada.program.get(f"{address}/draft")
    kept = {**older.json()["document"], "name": "Older"}
    save(ada, address, kept, older.headers["etag"])
    install_second(installed_types, ada.workspace_id)
    opened = ada.program.get(f"{address}/draft")
    assert node_of(opened)["params"] == {"text": "Hello", "count": 2}
    changed = {**opened.json()["document"], "name": "Newer"}
    saved = save(ada, address, changed, opened.headers["etag"])
    assert node_of(saved)["version"] == 2
    assert ada.program.post(f"{address}/publish", json={}).status == 200
    assert node_of(ada.program.get(f"{address}/draft"))["params"] == {"text": "Hello", "count": 2}


def refusing(params: dict[str, Any]) -> dict[str, Any]:
    params.clear()
    raise KeyError("mood")


@pytest.mark.parametrize(
    ("upgrade", "why"),
    [(refusing, "KeyError: 'mood'"), (lambda params: None, "it gave NoneType")],
    ids=["raises", "gives nothing"],
)
def test_an_upgrade_that_fails_is_said_at_the_node(
    ada: Person, installed_types: Installed, upgrade: Any, why: str
) -> None:
    address = published(ada, installed_types)
    install_second(installed_types, ada.workspace_id, upgrade)
    opened = ada.program.get(f"{address}/draft")
    assert node_of(opened)["version"] == 1
    assert node_of(opened)["params"] == HELLO["params"]
    (problem,) = opened.json()["problems"]
    assert problem["pointer"] == "/nodes/1/version"
    assert "version 1 of 'greet'" in problem["message"]
    assert "version 2" in problem["message"]
    assert why in problem["message"]
    refused = ada.program.put(address.replace("/draft", ""), json=opened.json()["document"])
    assert refused.status == 422
    assert refused.json()["errors"][0]["pointer"] == "/nodes/1/version"


def test_an_earlier_version_that_is_restored_is_upgraded(
    ada: Person, installed_types: Installed
) -> None:
    address = published(ada, installed_types)
    install_second(installed_types, ada.workspace_id)
    restored = ada.program.post(f"{address}/versions/1/restore")
    assert node_of(restored)["params"] == {"text": "Hello", "count": 2}
