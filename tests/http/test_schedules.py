"""When a schedule will start, and what a webhook answers to a test."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from layers.ids import new_id
from tests.conftest import Person

BASE = "/api/v1"


def preview(ada: Person, params: dict[str, Any], **more: Any) -> Any:
    return ada.program.post(f"{BASE}/schedules/preview", json={"params": params, **more})


def test_the_next_five_times_of_a_cron_expression(ada: Person) -> None:
    answer = preview(ada, {"cron": "30 8 * * MON", "timezone": "Europe/Berlin"})
    assert answer.status == 200, answer.text
    times = answer.json()["next"]
    assert len(times) == 5
    assert answer.json()["timezone"] == "Europe/Berlin"
    assert {one[11:16] for one in times} <= {"06:30", "07:30"}, "8:30 in Berlin is one of these"


def test_the_workflows_zone_counts_where_the_schedule_has_none(ada: Person) -> None:
    times = preview(ada, {"cron": "0 12 1 7 *"}, timezone="Asia/Tokyo").json()["next"]
    assert {one[5:16] for one in times} == {"07-01T03:00"}


def test_every_so_many_seconds(ada: Person) -> None:
    times = preview(ada, {"every_s": 3600}).json()["next"]
    assert len(set(times)) == 5
    assert {one[14:19] for one in times} == {"00:00"}


@pytest.mark.parametrize(
    ("params", "pointer"),
    [
        ({"cron": "61 * * * *"}, "/params/cron"),
        ({"every_s": 0}, "/params/every_s"),
        ({"cron": "* * * * *", "timezone": "Mars/Base"}, "/params/timezone"),
        ({}, "/params"),
    ],
)
def test_what_is_wrong_is_named(ada: Person, params: dict[str, Any], pointer: str) -> None:
    answer = preview(ada, params)
    assert answer.status == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


def publish(ada: Person, node: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Switch a workflow of one trigger on; returns the trigger as the list shows it."""
    workflow = {"name": "w", "nodes": [{"id": "a", **node}], **more}
    made = ada.program.post(f"{BASE}/workflows", json=workflow)
    assert made.status == 201, made.text
    answer = ada.program.post(f"{BASE}/workflows/{made.json()['id']}/activate")
    assert answer.status == 200, answer.text
    (trigger,) = ada.program.get(f"{BASE}/triggers").json()["items"]
    return dict(trigger)


def test_the_list_says_when_a_schedule_starts(ada: Person) -> None:
    node = {"type": "schedule", "params": {"cron": "0 12 1 7 *"}}
    trigger = publish(ada, node, settings={"timezone": "Asia/Tokyo"})
    assert {one[5:16] for one in trigger["next"]} == {"07-01T03:00"}
    ada.program.post(f"{BASE}/workflows/{trigger['workflow_id']}/deactivate")
    (stopped,) = ada.program.get(f"{BASE}/triggers").json()["items"]
    assert stopped["next"] == []


CREDENTIALS: dict[str, dict[str, Any] | None] = {
    "none": None,
    "basic": {"type": "http_basic", "data": {"username": "ada", "password": "secret"}},
    "header": {"type": "http_header", "data": {"name": "X-Key", "value": "secret"}},
    "hmac": {"type": "hmac", "data": {"secret": "secret"}},
}


@pytest.mark.parametrize("authentication", CREDENTIALS)
def test_a_test_event_comes_with_the_senders_proof(ada: Person, authentication: str) -> None:
    params = {"path": new_id(), "authentication": authentication, "respond": "last_node"}
    node: dict[str, Any] = {"type": "webhook", "params": params}
    wanted = CREDENTIALS[authentication]
    if wanted is not None:
        made = ada.program.post(f"{BASE}/credentials", json={"name": "c", **wanted})
        assert made.status == 201, made.text
        node["credential_id"] = made.json()["id"]
    trigger = publish(ada, node)
    if wanted is not None:
        bare = ada.program.post(f"/hooks/{params['path']}", json={"order": 7})
        assert bare.status == 401, "the webhook takes nobody without proof"
    body = {"body": '{"order": 7}', "query": "a=1"}
    answer = ada.program.post(f"{BASE}/triggers/{trigger['id']}/test", json=body)
    assert answer.status == 200, answer.text
    assert answer.json()["status"] == 200, answer.text
    assert '"order":7' in answer.json()["body"].replace(" ", "")
    assert '"a":"1"' in answer.json()["body"].replace(" ", "")
    for secret in ("secret", base64.b64encode(b"ada:secret").decode()):
        assert secret not in answer.text


def test_a_schedule_takes_no_event(ada: Person) -> None:
    trigger = publish(ada, {"type": "schedule", "params": {"every_s": 3600}})
    answer = ada.program.post(f"{BASE}/triggers/{trigger['id']}/test", json={})
    assert answer.status == 409
