"""People see what nodes remember, and clear it."""

from __future__ import annotations

from typing import Any

from functions.parts import Parts
from tests.conftest import Person
from tests.engine.harness import chain, node, workflow
from tests.waiting import until

BASE = "/api/v1"


def listening(ada: Person) -> tuple[str, str]:
    once = {"fields": ["body.id"], "scope": "workflow"}
    last = {"fields": ["body.id"], "scope": "workflow", "mode": "greater"}
    path = f"remember-{ada.workspace_id}"
    document = workflow(
        [
            node("hook", "webhook", {"path": path, "respond": "last_node"}),
            node("once", "remove_duplicates", once),
            node("last", "remove_duplicates", last),
        ],
        chain("hook", "once", "last"),
    )
    made = ada.program.post(f"{BASE}/workflows", json=document)
    assert made.status == 201, made.text
    workflow_id = made.json()["id"]
    assert ada.program.post(f"{BASE}/workflows/{workflow_id}/activate").status == 200
    return workflow_id, f"/hooks/{path}"


def history(ada: Person, workflow_id: str) -> list[dict[str, Any]]:
    answer = ada.program.get(f"{BASE}/workflows/{workflow_id}/history")
    assert answer.status == 200, answer.text
    return list(answer.json()["items"])


def test_what_is_remembered_is_shown_and_cleared(ada: Person) -> None:
    workflow_id, address = listening(ada)
    assert history(ada, workflow_id) == []
    for number in (7, 8, 8):
        assert ada.browser.as_other().post(address, json={"id": number}).status == 200
    until(lambda: len(history(ada, workflow_id)) == 2, "both remember")
    last, once = history(ada, workflow_id)
    assert (once["node_id"], once["entries"], once["last"]) == ("once", 2, None)
    assert (last["node_id"], last["entries"], last["last"]) == ("last", 0, 8)
    url = f"{BASE}/workflows/{workflow_id}/history"
    assert ada.program.request("DELETE", f"{url}?node_id=once").status == 204
    assert [one["node_id"] for one in history(ada, workflow_id)] == ["last"]
    assert ada.program.request("DELETE", url).status == 204
    assert history(ada, workflow_id) == []
    answer = ada.browser.as_other().post(address, json={"id": 7})
    assert answer.json()["body"] == {"id": 7}


def test_it_goes_with_the_workflow(ada: Person, parts: Parts) -> None:
    workflow_id, address = listening(ada)
    ada.browser.as_other().post(address, json={"id": 7})
    until(lambda: len(history(ada, workflow_id)) == 2, "both remember")
    assert ada.program.request("DELETE", f"{BASE}/workflows/{workflow_id}").status == 204
    with parts.database.reading() as connection:
        found = connection.exec_driver_sql("SELECT count(*) FROM node_history").scalar_one()
    assert found == 0
