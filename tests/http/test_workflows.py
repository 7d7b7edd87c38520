"""Workflows: saved whole or not at all, in versions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from functions.parts import Parts
from layers.database.models import Trigger, Workflow, WorkflowVersion
from tests.conftest import Person

W = "/api/v1/workflows"


def document(name: str = "Orders", path: str = "orders") -> dict[str, Any]:
    return {
        "name": name,
        "nodes": [
            {"id": "hook", "type": "webhook", "params": {"path": path}},
            {"id": "big", "type": "if", "params": {"condition": "item.body.total > 100"}},
            {"id": "end", "type": "no_op", "position": {"x": 1, "y": 2.5}},
        ],
        "connections": [
            {"from": "hook", "to": "big"},
            {"from": "big", "from_port": "true", "to": "end"},
        ],
    }


def test_a_workflow_comes_back_as_it_was_saved(ada: Person) -> None:
    made = ada.program.post(W, json=document())
    assert made.status == 201
    found = made.json()
    assert found["version"] == 1
    assert found["active"] is False
    read = ada.program.get(f"{W}/{found['id']}")
    assert read.json() == found
    assert read.headers["etag"] == made.headers["etag"]
    assert {name: found[name] for name in document()} == document()


def test_saving_makes_a_new_version_and_keeps_the_old(ada: Person) -> None:
    workflow_id = ada.program.post(W, json=document()).json()["id"]
    saved = ada.program.put(f"{W}/{workflow_id}", json=document("Orders 2"))
    assert saved.status == 200
    assert saved.json()["version"] == 2
    listed = ada.program.get(f"{W}/{workflow_id}/versions").json()["items"]
    assert [one["version"] for one in listed] == [2, 1]
    assert listed[0]["created_by"] == ada.user_id
    first = ada.program.get(f"{W}/{workflow_id}/versions/1").json()
    assert first["workflow"] == document()
    assert ada.program.get(f"{W}/{workflow_id}/versions/3").status == 404


def test_a_stale_change_is_refused_and_changes_nothing(ada: Person) -> None:
    made = ada.program.post(W, json=document())
    workflow_id, etag = made.json()["id"], made.headers["etag"]
    fresh = {"If-Match": etag}
    assert ada.program.put(f"{W}/{workflow_id}", json=document("2"), headers=fresh).status == 200
    stale = ada.program.put(f"{W}/{workflow_id}", json=document("3"), headers=fresh)
    assert stale.status == 412
    assert ada.program.delete(f"{W}/{workflow_id}", headers=fresh).status == 412
    assert ada.program.get(f"{W}/{workflow_id}").json()["name"] == "2"
    any_version = {"If-Match": "*"}
    assert (
        ada.program.put(f"{W}/{workflow_id}", json=document("4"), headers=any_version).status == 200
    )


def broken(**changed: Any) -> dict[str, Any]:
    return {**document(), **changed}


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        (broken(nodes=[{"id": "a", "type": "nope"}], connections=[]), "/nodes/0/type"),
        (broken(connections=[{"from": "hook", "to": "gone"}]), "/connections/0/to"),
        (
            broken(nodes=[{"id": "a", "type": "if", "params": {"condition": "1 +"}}]),
            "/nodes/0/params/condition",
        ),
        (broken(nodes=[{"id": "a", "type": "no_op"}] * 2, connections=[]), "/nodes/1/id"),
        (broken(extra=1), "/extra"),
        (broken(name="a\u0000"), "/name"),
        (
            broken(
                nodes=[{"id": "a", "type": "no_op", "credential_id": "x"}],
                connections=[],
            ),
            "/nodes/0/credential_id",
        ),
        (broken(settings={"error_workflow_id": "x"}), "/settings/error_workflow_id"),
        (
            broken(
                nodes=[{"id": "a", "type": "no_op"}, {"id": "b", "type": "no_op"}],
                connections=[{"from": "a", "to": "b"}, {"from": "b", "to": "a"}],
            ),
            "/connections/0",
        ),
    ],
)
def test_a_mistake_is_pointed_at_and_nothing_is_stored(
    ada: Person, parts: Parts, sent: dict[str, Any], pointer: str
) -> None:
    answer = ada.program.post(W, json=sent)
    assert answer.status == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    with parts.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Workflow)) == 0
        assert session.scalar(select(func.count()).select_from(WorkflowVersion)) == 0


def test_another_workspaces_credential_and_workflow_do_not_exist(
    sign_up: Callable[..., Person],
) -> None:
    ada, eve = sign_up(), sign_up()
    credential = ada.program.post(
        "/api/v1/credentials",
        json={"name": "c", "type": "http_bearer", "data": {"token": "t"}},
    ).json()["id"]
    workflow = ada.program.post(W, json=document()).json()["id"]
    node = {"id": "a", "type": "no_op", "credential_id": credential}
    mine = {"name": "x", "nodes": [node], "settings": {"error_workflow_id": workflow}}
    assert ada.program.post(W, json=mine).status == 201
    answer = eve.program.post(W, json=mine)
    assert answer.status == 422
    assert {error["pointer"] for error in answer.json()["errors"]} == {
        "/nodes/0/credential_id",
        "/settings/error_workflow_id",
    }


def test_activating_registers_triggers_and_deactivating_removes_them(
    ada: Person, parts: Parts
) -> None:
    workflow_id = ada.program.post(W, json=document()).json()["id"]
    active = ada.program.post(f"{W}/{workflow_id}/activate")
    assert active.status == 200
    assert active.json()["active"] is True
    assert active.json()["active_version"] == 1

    def routes() -> list[str | None]:
        with parts.database.read() as session:
            return list(session.scalars(select(Trigger.route)))

    assert routes() == ["POST orders"]
    ada.program.put(f"{W}/{workflow_id}", json=document("2", path="orders2"))
    assert ada.program.get(f"{W}/{workflow_id}").json()["active_version"] == 1
    assert routes() == ["POST orders"]
    ada.program.post(f"{W}/{workflow_id}/activate")
    assert routes() == ["POST orders2"]
    stopped = ada.program.post(f"{W}/{workflow_id}/deactivate").json()
    assert (stopped["active"], stopped["active_version"]) == (False, None)
    assert routes() == [None]


def test_two_active_workflows_cannot_share_a_webhook(sign_up: Callable[..., Person]) -> None:
    ada, eve = sign_up(), sign_up()
    for person, status in ((ada, 200), (eve, 409)):
        workflow_id = person.program.post(W, json=document()).json()["id"]
        assert person.program.post(f"{W}/{workflow_id}/activate").status == status
        assert person.program.get(f"{W}/{workflow_id}").json()["active"] is (status == 200)


def test_a_deleted_workflow_is_gone_and_its_triggers_with_it(ada: Person, parts: Parts) -> None:
    workflow_id = ada.program.post(W, json=document()).json()["id"]
    ada.program.post(f"{W}/{workflow_id}/activate")
    assert ada.program.delete(f"{W}/{workflow_id}").status == 204
    for call in (
        ada.program.get(f"{W}/{workflow_id}"),
        ada.program.get(f"{W}/{workflow_id}/versions"),
        ada.program.get(f"{W}/{workflow_id}/versions/1"),
        ada.program.put(f"{W}/{workflow_id}", json=document()),
        ada.program.post(f"{W}/{workflow_id}/activate"),
        ada.program.delete(f"{W}/{workflow_id}"),
    ):
        assert call.status == 404
    assert ada.program.get(W).json()["items"] == []
    other = ada.program.post(W, json=document()).json()["id"]
    assert ada.program.post(f"{W}/{other}/activate").status == 200


def test_lists_come_in_parts_newest_first(ada: Person) -> None:
    made = [ada.program.post(W, json=document(f"w{n}")).json()["id"] for n in range(5)]
    seen: list[str] = []
    cursor = None
    for _ in range(3):
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        part = ada.program.get(W, query=query).json()
        seen += [one["id"] for one in part["items"]]
        cursor = part["next_cursor"]
    assert seen == made[::-1]
    assert cursor is None


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "cursor=x", "cursor=%00"])
def test_a_bad_part_is_pointed_at(ada: Person, query: str) -> None:
    answer = ada.program.get(f"{W}?{query}")
    assert answer.status == 422
    assert answer.json()["errors"][0]["pointer"] == "?" + query.split("=")[0]
