"""Credentials: secrets go in and never come out."""

from __future__ import annotations

import asyncio
import base64
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import text

from functions.credentials import CREDENTIAL_TYPES
from functions.parts import Parts
from layers.catalogue import NO_WORKSPACE
from layers.contract import Signing
from layers.signing import as_data
from tests.conftest import Person

C = "/api/v1/credentials"
SECRET = "canary/secret+0123456789"
FORMS = (SECRET, quote(SECRET, safe=""), base64.b64encode(SECRET.encode()).decode())


def credential(**changed: Any) -> dict[str, Any]:
    return {"name": "Shop", "type": "http_bearer", "data": {"token": SECRET}, **changed}


def test_what_is_secret_is_in_no_answer_and_no_row(ada: Person, parts: Parts) -> None:
    made = ada.program.post(C, json=credential())
    assert made.status == 201
    credential_id = made.json()["id"]
    answers = [
        made,
        ada.program.get(C),
        ada.program.get(f"{C}/{credential_id}"),
        ada.program.put(f"{C}/{credential_id}", json={"name": "Shop 2"}),
        ada.program.post(f"{C}/{credential_id}/test"),
        ada.program.get("/api/v1/audit-log"),
        ada.program.post(C, json=credential(type="http_basic")),
        ada.program.post(C, json=credential(nope=SECRET)),
    ]
    with parts.database.reading() as connection:
        rows = connection.execute(text("SELECT * FROM credentials")).all()
        rows += connection.execute(text("SELECT * FROM audit_log")).all()
    for form in FORMS:
        assert all(form not in answer.text for answer in answers)
        assert form not in str(rows)
    assert made.json()["secrets"] == {"token": True}
    assert made.json()["data"] == {}


def opened(parts: Parts, person: Person, credential_id: str) -> dict[str, Any]:
    """A credential as a step gets it."""
    credentials = parts.engine.services.credentials
    return asyncio.run(credentials.load(person.workspace_id, credential_id))


def test_a_step_gets_what_was_entered(ada: Person, parts: Parts) -> None:
    body = {
        "name": "c",
        "type": "http_basic",
        "data": {"username": "ada", "password": SECRET},
        "allowed_hosts": ["*.example.com"],
    }
    made = ada.program.post(C, json=body).json()
    assert made["data"] == {"username": "ada"}
    loaded = opened(parts, ada, made["id"])
    assert loaded == {
        "type": "http_basic",
        "username": "ada",
        "password": SECRET,
        "allowed_hosts": ["*.example.com"],
        "secret_fields": ["password"],
        "signing": as_data(Signing(basic=("{username}", "{password}"))),
    }


def test_a_secret_that_is_left_out_stays(ada: Person, parts: Parts) -> None:
    made = ada.program.post(C, json=credential()).json()
    assert ada.program.put(f"{C}/{made['id']}", json={"name": "n"}).status == 200
    assert opened(parts, ada, made["id"])["token"] == SECRET
    changed = {"name": "n", "data": {"token": "another"}}
    assert ada.program.put(f"{C}/{made['id']}", json=changed).status == 200
    assert opened(parts, ada, made["id"])["token"] == "another"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], ["evil.example"]),
        (["a.example", "b.example"], ["a.example", "evil.example"]),
        (["a.example:443"], ["a.example"]),
        (["*.a.example"], ["a.example"]),
        (["a.example"], ["*.a.example"]),
    ],
)
def test_a_secret_goes_to_more_hosts_only_when_it_is_entered_again(
    ada: Person, before: list[str], after: list[str]
) -> None:
    """Also to the first ones: an editor who cannot read it must not send it to himself."""
    made = ada.program.post(C, json=credential(allowed_hosts=before)).json()
    path = f"{C}/{made['id']}"
    answer = ada.program.put(path, json={"name": "n", "allowed_hosts": after})
    assert answer.status == 422
    assert answer.json()["errors"][0]["pointer"] == "/allowed_hosts"
    assert ada.program.get(path).json()["allowed_hosts"] == before
    again = {"name": "n", "data": {"token": "t"}, "allowed_hosts": after}
    assert ada.program.put(path, json=again).json()["allowed_hosts"] == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["a.example", "b.example"], ["a.example"]),
        (["a.example"], []),
        (["a.example"], ["A.example:443"]),
        (["*.a.example"], ["x.a.example", "*.y.a.example"]),
        (["a.example"], None),
    ],
)
def test_fewer_hosts_need_no_secret_and_hosts_that_are_left_out_stay(
    ada: Person, before: list[str], after: list[str] | None
) -> None:
    made = ada.program.post(C, json=credential(allowed_hosts=before)).json()
    body = {"name": "n"} if after is None else {"name": "n", "allowed_hosts": after}
    answer = ada.program.put(f"{C}/{made['id']}", json=body)
    assert answer.json()["allowed_hosts"] == (before if after is None else after)


def test_a_type_with_a_known_service_brings_its_hosts(ada: Person) -> None:
    for kind, given, hosts in (
        ("google_oauth2", {}, ["*.googleapis.com"]),
        ("microsoft_oauth2", {}, ["graph.microsoft.com"]),
        ("google_oauth2", {"allowed_hosts": []}, []),
        ("hmac", {"data": {"secret": "s"}}, []),
    ):
        made = ada.program.post(C, json=credential(type=kind, **{"data": {}, **given}))
        assert made.json()["allowed_hosts"] == hosts


def test_a_test_says_that_a_credential_without_hosts_is_sent_nowhere(ada: Person) -> None:
    for hosts, ok in (([], False), (["a.example"], True)):
        made = ada.program.post(C, json=credential(allowed_hosts=hosts)).json()
        found = ada.program.post(f"{C}/{made['id']}/test").json()
        assert (found["ok"], "hosts" in found["message"]) == (ok, not ok)
    kinds = ada.program.get("/api/v1/credential-types").json()["items"]
    needed = {one["type"] for one in kinds if one["hosts_required"]}
    assert {"http_bearer", "http_query", "google_oauth2", "oauth2"} <= needed
    # Webhooks' callers prove themselves with these, too.
    assert not {"http_basic", "http_header", "hmac"} & needed


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"type": "nope"}, "/type"),
        ({"data": {}}, "/data/token"),
        ({"data": {"token": ""}}, "/data/token"),
        ({"data": {"token": "a\r\nX: y"}}, "/data/token"),
        ({"data": {"token": "t", "other": "x"}}, "/data/other"),
        ({"data": {"token": 7}}, "/data/token"),
        ({"allowed_hosts": ["https://a.example/"]}, "/allowed_hosts/0"),
        ({"type": "hmac", "data": {"secret": "s", "algorithm": "md5"}}, "/data/algorithm"),
    ],
)
def test_a_mistake_is_pointed_at(ada: Person, changed: dict[str, Any], pointer: str) -> None:
    answer = ada.program.post(C, json=credential(**changed))
    assert answer.status == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert SECRET not in answer.text


def test_testing_says_when_a_credential_does_not_open(ada: Person, parts: Parts) -> None:
    given = credential(allowed_hosts=["a.example"])
    first, second = (ada.program.post(C, json=given).json()["id"] for _ in range(2))
    assert ada.program.post(f"{C}/{first}/test").json()["ok"] is True
    with parts.database.writing() as connection:
        connection.execute(
            text(
                "UPDATE credentials SET sealed ="
                " (SELECT sealed FROM credentials WHERE id = :second) WHERE id = :first"
            ),
            {"first": first, "second": second},
        )
    found = ada.program.post(f"{C}/{first}/test").json()
    assert found["ok"] is False
    assert "Enter the secret again" in found["message"]


def test_a_deleted_credential_is_gone(ada: Person) -> None:
    credential_id = ada.program.post(C, json=credential()).json()["id"]
    assert ada.program.delete(f"{C}/{credential_id}").status == 204
    assert ada.program.get(f"{C}/{credential_id}").status == 404
    assert ada.program.post(f"{C}/{credential_id}/test").status == 404


def test_every_type_that_a_node_asks_for_can_be_made(ada: Person, parts: Parts) -> None:
    listed = ada.program.get("/api/v1/credential-types").json()["items"]
    assert {one["type"] for one in listed} == {kind.type for kind in CREDENTIAL_TYPES}
    asked = [found.spec for found in parts.catalogue.listed(NO_WORKSPACE)]
    for declared in asked:
        named = {name for slot in declared.slots for name in slot.types}
        assert named <= {kind.type for kind in CREDENTIAL_TYPES}, declared.type


def test_a_test_without_an_address_says_that_nobody_was_asked(ada: Person) -> None:
    made = ada.program.post(C, json=credential(allowed_hosts=["api.example.com"])).json()
    found = ada.program.post(f"{C}/{made['id']}/test").json()
    assert found["ok"] is True
    assert "nobody was asked" in found["message"]


def test_the_address_of_a_test_is_no_way_to_other_hosts(ada: Person) -> None:
    data = {"token": SECRET, "test_url": "https://evil.example/"}
    made = ada.program.post(C, json=credential(data=data, allowed_hosts=["api.example.com"])).json()
    assert made["data"] == {"test_url": "https://evil.example/"}
    found = ada.program.post(f"{C}/{made['id']}/test").json()
    assert found["ok"] is False
    assert "may not be sent to 'evil.example'" in found["message"]
    assert SECRET not in str(found)


def test_a_test_goes_to_no_private_address(ada: Person) -> None:
    data = {"token": SECRET, "test_url": "http://127.0.0.1:9/"}
    made = ada.program.post(C, json=credential(data=data, allowed_hosts=["127.0.0.1"])).json()
    found = ada.program.post(f"{C}/{made['id']}/test").json()
    assert found["ok"] is False
    assert "TREADLE_ALLOW_PRIVATE_NETWORK" in found["message"] or "private" in found["message"]
