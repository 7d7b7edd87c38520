"""Webhooks that listen, and what came of them."""

from __future__ import annotations

from typing import Any

from tests.asgi_client import Answer
from tests.conftest import Person

BASE = "/api/v1"


def workflow_of(person: Person, path: str, **params: Any) -> str:
    """Save a workflow that a webhook at this path starts, and that answers with its item."""
    credential = {"credential_id": params.pop("credential_id", None)}
    given = {"path": path, "respond": "last_node", **params}
    hook = {"id": "hook", "type": "webhook", "params": given}
    hook |= {name: value for name, value in credential.items() if value}
    nodes = [hook, {"id": "n", "type": "no_op"}]
    definition = {"name": path, "nodes": nodes, "connections": [{"from": "hook", "to": "n"}]}
    made = person.program.post(f"{BASE}/workflows", json=definition)
    assert made.status == 201, made.text
    return str(made.json()["id"])


def activate(person: Person, workflow_id: str) -> Answer:
    return person.program.post(f"{BASE}/workflows/{workflow_id}/activate")


def deactivate(person: Person, workflow_id: str) -> None:
    assert person.program.post(f"{BASE}/workflows/{workflow_id}/deactivate").status == 200


def listen(person: Person, path: str, **params: Any) -> str:
    """Have a webhook listen; returns its workflow's id."""
    workflow_id = workflow_of(person, path, **params)
    answer = activate(person, workflow_id)
    assert answer.status == 200, answer.text
    return workflow_id


def executions(person: Person) -> list[Any]:
    return list(person.program.get(f"{BASE}/executions").json()["items"])
