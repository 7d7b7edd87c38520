"""What a webhook refuses is counted where its owner sees it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from functions.http.hooks.refusals import LONGEST_REASON
from functions.parts import Parts
from layers.errors import FieldError, InvalidInput
from tests.asgi_client import Client
from tests.conftest import Person
from tests.http.listening import deactivate, listen


def trigger(client: Client, person: Person) -> dict[str, Any]:
    client.app.state.refusals.write()
    (found,) = person.program.get("/api/v1/triggers").json()["items"]
    return dict(found)


def test_a_trigger_tells_how_many_and_why(client: Client, ada: Person) -> None:
    listen(ada, "h", allowed_ips=["203.0.113.7"])
    found = trigger(client, ada)
    assert (found["refused"], found["last_refused_at"], found["last_refusal"]) == (0, None, None)

    for _time in range(3):
        assert client.as_other().post("/hooks/h", json={}).status == 401
    found = trigger(client, ada)
    assert found["refused"] == 3
    assert found["last_refused_at"] is not None
    assert found["last_refusal"].startswith("401: ")

    assert client.as_other().put("/hooks/h", json={}).status == 405
    found = trigger(client, ada)
    assert (found["refused"], found["last_refusal"][:4]) == (4, "405:")


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        ({"Content-Type": "application/json"}, b"{", 400),
        ({"Content-Type": "text/plain; charset=punycode"}, b"x", 415),
        ({"Content-Length": str(1 << 40)}, b"x", 413),
        ({"Content-Type": "application/json"}, b"[" * 100 + b"]" * 100, 422),
    ],
)
def test_each_kind_of_refusal_counts(
    client: Client, ada: Person, headers: dict[str, str], content: bytes, status: int
) -> None:
    listen(ada, "h")
    answer = client.as_other().post("/hooks/h", content=content, headers=headers)
    assert answer.status == status
    found = trigger(client, ada)
    assert found["refused"] == 1
    assert found["last_refusal"].startswith(f"{status}: ")


def test_what_is_taken_or_only_asked_does_not_count(client: Client, ada: Person) -> None:
    workflow = listen(ada, "h")
    other = client.as_other()
    assert other.post("/hooks/h", json={}).status == 200
    assert other.request("HEAD", "/hooks/h").status == 200
    assert other.request("OPTIONS", "/hooks/h").status == 204
    deactivate(ada, workflow)
    assert other.post("/hooks/h", json={}).status == 404
    assert trigger(client, ada)["refused"] == 0


def test_a_flood_is_one_write(client: Client, ada: Person, parts: Parts) -> None:
    listen(ada, "h")
    (row,) = ada.program.get("/api/v1/triggers").json()["items"]
    refusals = client.app.state.refusals
    for _time in range(1000):
        refusals.note(row["id"], InvalidInput("no\n" + "x" * 1000, errors=[FieldError("", "y")]))
    found = trigger(client, ada)
    assert found["refused"] == 1000
    assert len(found["last_refusal"]) == LONGEST_REASON
    assert "\n" not in found["last_refusal"]


def test_what_could_not_be_written_is_kept(
    client: Client, ada: Person, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    listen(ada, "h")
    (row,) = ada.program.get("/api/v1/triggers").json()["items"]
    refusals = client.app.state.refusals
    refusals.note(row["id"], InvalidInput())
    with monkeypatch.context() as broken:

        def fails() -> None:
            raise OperationalError("", {}, Exception())

        broken.setattr(parts.database, "writing", fails)
        with pytest.raises(OperationalError):
            refusals.write()
    refusals.note(row["id"], InvalidInput())
    assert trigger(client, ada)["refused"] == 2
