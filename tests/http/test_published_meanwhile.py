"""A draft that is saved while it is being published: what was checked is what is published."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from functions.http.workflows import publishing
from tests.conftest import Person

BASE = "/api/v1"


def document(name: str) -> dict[str, Any]:
    nodes = [{"id": "start", "type": "manual", "params": {}}]
    return {"name": name, "nodes": nodes, "connections": []}


@pytest.fixture
def saved_meanwhile(
    ada: Person, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, list[Any]], None]:
    """Has these documents saved as the draft, one after each time that it was compiled."""
    compiled = publishing.compiled

    def arrange(workflow: str, documents: list[Any]) -> None:
        def then_saved(*given: Any) -> Any:
            plan = compiled(*given)
            if documents:
                draft = {"document": documents.pop(0)}
                assert ada.program.put(f"{workflow}/draft", json=draft).status == 200
            return plan

        monkeypatch.setattr(publishing, "compiled", then_saved)

    return arrange


def begun(ada: Person) -> str:
    made = ada.program.post(
        f"{BASE}/workflow-drafts", json={"name": "a", "document": document("a")}
    )
    assert made.status == 201, made.text
    return f"{BASE}/workflows/{made.json()['workflow_id']}"


def test_the_newer_draft_is_published(
    ada: Person, saved_meanwhile: Callable[[str, list[Any]], None]
) -> None:
    workflow = begun(ada)
    saved_meanwhile(workflow, [document("b")])
    published = ada.program.post(f"{workflow}/publish")
    assert (published.status, published.json()["name"]) == (200, "b")
    assert ada.program.get(f"{workflow}/draft").json()["revision"] == 0


def test_one_that_became_wrong_is_refused(
    ada: Person, saved_meanwhile: Callable[[str, list[Any]], None]
) -> None:
    workflow = begun(ada)
    wrong = document("b") | {"nodes": [{"id": "x", "type": "set", "params": {"fields": 3}}]}
    saved_meanwhile(workflow, [wrong])
    assert ada.program.post(f"{workflow}/publish").status == 422
    assert ada.program.get(workflow).json()["version"] == 0


def test_what_somebody_else_saved_is_not_published_unseen(
    ada: Person, saved_meanwhile: Callable[[str, list[Any]], None]
) -> None:
    workflow = begun(ada)
    seen = {"If-Match": ada.program.get(f"{workflow}/draft").headers["etag"]}
    saved_meanwhile(workflow, [document("b")])
    assert ada.program.post(f"{workflow}/publish", headers=seen).status == 412


def test_one_that_is_saved_all_the_while_is_a_conflict(
    ada: Person, saved_meanwhile: Callable[[str, list[Any]], None]
) -> None:
    workflow = begun(ada)
    saved_meanwhile(workflow, [document(f"{number}") for number in range(9)])
    assert ada.program.post(f"{workflow}/publish").status == 409
    assert ada.program.get(workflow).json()["version"] == 0
