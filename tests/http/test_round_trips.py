"""What GET gives can be put back, and posted anew: what only answers have is no mistake."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Person
from tests.http.test_workflows import document

API = "/api/v1"

MADE: dict[str, tuple[str, dict[str, Any]]] = {
    "workflow": ("/workflows", document()),
    "variable": ("/variables", {"name": "base_url", "value": {"a": [1, None]}}),
    "credential": (
        "/credentials",
        {
            "name": "Service",
            "type": "http_bearer",
            "data": {"token": "s3cret"},
            "allowed_hosts": ["api.example.com"],
        },
    ),
}


@pytest.mark.parametrize("kind", MADE)
def test_what_was_read_can_be_put_back(ada: Person, kind: str) -> None:
    path, body = MADE[kind]
    made = ada.program.post(API + path, json=body).json()
    address = f"{API}{path}/{made['id']}"
    read = ada.program.get(address).json()
    answer = ada.program.put(address, json=read)
    assert answer.status == 200, answer.json()
    again = ada.program.get(address).json()
    changing = ("updated_at", "version")
    assert {k: v for k, v in again.items() if k not in changing} == {
        k: v for k, v in read.items() if k not in changing
    }


@pytest.mark.parametrize("kind", ["workflow", "variable"])
def test_what_was_read_can_be_made_anew(ada: Person, kind: str) -> None:
    path, body = MADE[kind]
    made = ada.program.post(API + path, json=body).json()
    if kind == "variable":
        made["name"] = "another"
    answer = ada.program.post(API + path, json=made)
    assert answer.status == 201, answer.json()
    assert answer.json()["id"] != made["id"]


@pytest.mark.parametrize("path", ["/workspace/retention", "/package-policy"])
def test_what_there_is_once_can_be_put_back(ada: Person, path: str) -> None:
    read = ada.program.get(API + path)
    assert read.status == 200
    answer = ada.program.put(API + path, json=read.json())
    assert answer.status == 200, answer.json()


def test_a_draft_and_a_member_can_be_put_back(ada: Person) -> None:
    made = ada.program.post(f"{API}/workflows", json=document()).json()
    address = f"{API}/workflows/{made['id']}/draft"
    ada.program.put(address, json={"document": document("Other")})
    answer = ada.program.put(address, json=ada.program.get(address).json())
    assert answer.status == 200, answer.json()
    member = ada.program.get(f"{API}/members").json()["items"][0]
    answer = ada.program.put(f"{API}/members/{member['user_id']}", json=member)
    assert answer.status == 200, answer.json()


def test_other_unknown_fields_stay_mistakes(ada: Person) -> None:
    answer = ada.program.post(f"{API}/workflows", json=document() | {"nodez": []})
    assert answer.status == 422
    assert answer.json()["errors"][0]["pointer"] == "/nodez"
    answer = ada.program.post(f"{API}/variables", json={"name": "a", "value": 1, "version": 1})
    assert answer.status == 422


@pytest.mark.parametrize("kind", MADE)
def test_what_only_answers_have_is_not_taken(ada: Person, kind: str) -> None:
    path, body = MADE[kind]
    made = ada.program.post(API + path, json=body).json()
    others = made | {
        "id": "01890000-0000-7000-8000-000000000000",
        "created_at": "2001-01-01T00:00:00.000Z",
        "active": True,
        "version": 99,
        "active_version": 99,
        "secrets": {"token": False},
    }
    sent = {name: value for name, value in others.items() if name in made}
    ada.program.put(f"{API}{path}/{made['id']}", json=sent)
    found = ada.program.get(f"{API}{path}/{made['id']}").json()
    kept = ("id", "created_at", "active", "active_version", "secrets")
    assert {name: found.get(name) for name in kept} == {name: made.get(name) for name in kept}
    assert found.get("version") in {None, 2}
