"""A webhook that asks for proof takes the genuine one only, whichever kind it is of."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import pytest
from starlette.requests import Request

from functions.parts import Parts
from layers.artifacts.port import digest_of
from layers.ids import new_id
from tests.conftest import Person

BASE = "/api/v1"
CONTENT = b'{"order": 7}'
CREDENTIALS: dict[str, dict[str, Any]] = {
    "basic": {"type": "http_basic", "data": {"username": "ada", "password": "secret"}},
    "header": {"type": "http_header", "data": {"name": "X-Key", "value": "secret"}},
    "hmac": {"type": "hmac", "data": {"secret": "secret"}},
}


def basic(text: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(text.encode()).decode()}"}


def signed(secret: str, content: bytes) -> dict[str, str]:
    return {"X-Signature": hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()}


GENUINE = {
    "basic": basic("ada:secret"),
    "header": {"X-Key": "secret"},
    "hmac": signed("secret", CONTENT),
}
WRONG = [
    ("basic", {}),
    ("basic", basic("ada:wrong")),
    ("basic", basic("bob:secret")),
    ("basic", basic("ada:")),
    ("basic", {"Authorization": "Basic ???"}),
    ("basic", {"Authorization": "Bearer secret"}),
    ("header", {}),
    ("header", {"X-Key": ""}),
    ("header", {"X-Key": "Secret"}),
    ("header", {"X-Key": "secret "}),
    ("hmac", {}),
    ("hmac", {"X-Signature": "secret"}),
    ("hmac", signed("another secret", CONTENT)),
    ("hmac", signed("secret", b'{"order": 8}')),
    ("hmac", {"X-Signature": signed("secret", CONTENT)["X-Signature"][:-1]}),
]


def hook(ada: Person, authentication: str) -> str:
    """Publish a webhook that asks for this proof; returns its address."""
    made = ada.program.post(
        f"{BASE}/credentials", json={"name": "c", **CREDENTIALS[authentication]}
    )
    assert made.status == 201, made.text
    path = new_id()
    params = {"path": path, "authentication": authentication, "respond": "received"}
    node = {"id": "hook", "type": "webhook", "params": params, "credential_id": made.json()["id"]}
    workflow = {"name": "w", "nodes": [node], "connections": []}
    workflow_id = ada.program.post(f"{BASE}/workflows", json=workflow).json()["id"]
    answer = ada.program.post(f"{BASE}/workflows/{workflow_id}/activate")
    assert answer.status == 200, answer.text
    return f"/hooks/{path}"


def send(ada: Person, address: str, headers: dict[str, str]) -> int:
    given = {"Content-Type": "application/json", **headers}
    return ada.browser.as_other().post(address, content=CONTENT, headers=given).status


@pytest.mark.parametrize("authentication", CREDENTIALS)
def test_genuine_proof_is_accepted(ada: Person, authentication: str) -> None:
    assert send(ada, hook(ada, authentication), GENUINE[authentication]) == 202


@pytest.mark.parametrize(
    ("authentication", "headers"), WRONG, ids=[f"{kind}-{at}" for at, (kind, _) in enumerate(WRONG)]
)
def test_any_other_is_refused_and_starts_nothing(
    ada: Person, authentication: str, headers: dict[str, str]
) -> None:
    assert send(ada, hook(ada, authentication), headers) == 401
    assert ada.program.get(f"{BASE}/executions").json()["items"] == []


LARGE = b"\x00" * 3_000_000


@pytest.mark.parametrize("authentication", CREDENTIALS)
def test_a_large_file_needs_the_same_proof_and_stands_beside_its_event(
    ada: Person, parts: Parts, authentication: str
) -> None:
    address = hook(ada, authentication)
    proof = signed("secret", LARGE) if authentication == "hmac" else GENUINE[authentication]
    browser = ada.browser.as_other()
    kind = {"Content-Type": "image/png"}
    for wrong in ({}, signed("secret", LARGE[1:])):
        assert browser.post(address, content=LARGE, headers={**kind, **wrong}).status == 401
    assert parts.artifacts.size(ada.workspace_id) == 0
    assert browser.post(address, content=LARGE, headers={**kind, **proof}).status == 202
    assert parts.artifacts.get(ada.workspace_id, digest_of(LARGE)) == LARGE


@pytest.mark.parametrize("authentication", ["basic", "header"])
def test_of_a_stranger_no_body_is_read_where_the_headers_say_enough(
    ada: Person, authentication: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = hook(ada, authentication)

    def read(_request: Request) -> None:
        raise AssertionError("The body was read.")

    monkeypatch.setattr(Request, "stream", read)
    assert send(ada, address, {}) == 401
