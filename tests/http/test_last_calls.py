"""A webhook's trigger says when it was last called, which only its executions know."""

from __future__ import annotations

from collections.abc import Callable

from tests.asgi_client import Client
from tests.conftest import Person
from tests.http.listening import executions, listen


def last_events(person: Person) -> dict[str, str | None]:
    rows = person.program.get("/api/v1/triggers").json()["items"]
    return {row["workflow_id"]: row["last_event_at"] for row in rows}


def test_a_call_is_its_last_event(client: Client, ada: Person) -> None:
    called = listen(ada, "called")
    quiet = listen(ada, "quiet")
    assert last_events(ada) == {called: None, quiet: None}
    assert client.as_other().post("/hooks/called", json={}).status == 200
    (execution,) = executions(ada)
    assert last_events(ada) == {called: execution["created_at"], quiet: None}


def test_runs_by_hand_and_retries_are_none(ada: Person, client: Client) -> None:
    workflow = listen(ada, "h")
    run = ada.program.post(f"/api/v1/workflows/{workflow}/run", json={"items": [{}]})
    assert run.status in (200, 202), run.text
    assert last_events(ada) == {workflow: None}


def test_another_workspace_is_told_nothing(
    client: Client, ada: Person, sign_up: Callable[..., Person]
) -> None:
    listen(ada, "h")
    assert client.as_other().post("/hooks/h", json={}).status == 200
    assert last_events(sign_up("Bob")) == {}
