"""What stands in front of every function: limits, headers, and the shape of errors."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from functions.main import build_app, running
from functions.parts import Parts
from layers.settings import Settings
from tests.asgi_client import Answer, Client
from tests.conftest import Person

JSON = {"content-type": "application/json"}
VARIABLES = "/api/v1/variables"


@pytest.fixture
def small(make_parts: Callable[..., Parts], settings: Settings) -> Iterator[Client]:
    """An app with low limits, called by somebody who may do everything."""
    limits = replace(settings.limits, body_bytes=2000, json_depth=5, json_keys=20)
    parts = make_parts(settings=replace(settings, limits=limits))
    with Client(build_app(parts, lifespan=running(parts))) as client:
        new = {"email": "a@example.com", "password": "correct horse battery", "name": "A"}
        key = client.post("/api/v1/auth/signup", json=new).json()["api_key"]
        yield client.as_other({"Authorization": f"Bearer {key}"})


def is_problem(answer: Answer, status: int) -> bool:
    assert answer.headers["content-type"] == "application/problem+json"
    found = answer.json()
    assert {"type", "title", "status", "detail"} <= set(found)
    return answer.status == found["status"] == status


def test_a_body_that_is_announced_too_large_is_refused(small: Client) -> None:
    assert is_problem(small.post(VARIABLES, content=b"x" * 2001, headers=JSON), 413)


def test_a_body_that_turns_out_too_large_is_refused(small: Client) -> None:
    body = [b"x" * 500] * 5
    assert is_problem(small.post(VARIABLES, content=body, headers=JSON), 413)


def test_a_body_in_pieces_within_the_limit_is_read(small: Client) -> None:
    body = [b'{"name": "v", ', b'"value": 1}']
    assert small.post(VARIABLES, content=body, headers=JSON).status == 201


@pytest.mark.parametrize(
    "value",
    ["[" * 5 + "]" * 5, "{" + ",".join(f'"{n}":1' for n in range(30)) + "}"],
)
def test_json_that_is_too_deep_or_has_too_many_keys_is_refused(small: Client, value: str) -> None:
    body = f'{{"name": "v", "value": {value}}}'.encode()
    assert is_problem(small.post(VARIABLES, content=body, headers=JSON), 422)


def test_brackets_and_colons_within_texts_do_not_count(small: Client) -> None:
    assert small.post(VARIABLES, json={"name": "v", "value": "[{:" * 50}).status == 201


@pytest.mark.parametrize(
    "body", [b"{", b"nope", b'{"a": NaN}', b"\xff", b'{"name": "v", "value": "\\ud800"}']
)
def test_malformed_json_is_a_400(small: Client, body: bytes) -> None:
    assert is_problem(small.post(VARIABLES, content=body, headers=JSON), 400)


def test_absurd_depth_is_a_422(client: Client, ada: Person) -> None:
    body = b"[" * 100_000
    assert is_problem(ada.program.post(VARIABLES, content=body, headers=JSON), 422)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_what_is_not_announced_as_json_is_not_read(ada: Person, kind: str) -> None:
    body = json.dumps({"name": "v", "value": 1}).encode()
    assert is_problem(
        ada.program.post(VARIABLES, content=body, headers={"content-type": kind}), 415
    )


def test_no_body_where_one_is_needed_is_a_422(ada: Person) -> None:
    assert is_problem(ada.program.post(VARIABLES, headers=JSON), 422)


@pytest.mark.parametrize(
    "path",
    [
        "/nope",
        "/api/v1/nope",
        "/api/v1/workflows/",
        "//api/v1/workflows",
        "/api/v1//workflows",
        "/api/v1/workflows;x",
        "/api/v1/../v1/workflows",
        "/api/v1/workflows/x/healthz",
        "/api/v1/workflows/%2e%2e/healthz",
    ],
)
def test_an_address_that_does_not_exist_is_a_404_or_401_but_never_open(
    client: Client, path: str
) -> None:
    answer = client.get(path)
    assert answer.status in {401, 404}
    is_problem(answer, answer.status)


@pytest.mark.parametrize("suffix", ["?/hooks/x", "?x=/healthz", "?/api/v1/auth/login", "#/healthz"])
def test_nothing_behind_the_path_lets_anybody_in(client: Client, suffix: str) -> None:
    assert is_problem(client.get(f"/api/v1/workflows{suffix}"), 401 if "?" in suffix else 404)


def test_a_wrong_method_names_the_right_ones(client: Client) -> None:
    answer = client.request("PATCH", "/api/v1/workflows/x")
    assert is_problem(answer, 405)
    assert answer.headers["allow"] == "DELETE, GET, PUT"


def test_an_unexpected_error_tells_nothing(
    ada: Person, parts: Parts, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise RuntimeError("internal detail 4711")

    monkeypatch.setattr(parts.database, "read", broken)
    answer = ada.browser.get(VARIABLES)
    assert is_problem(answer, 500)
    assert "4711" not in answer.text
    assert "4711" in caplog.text


def test_every_answer_carries_the_security_headers(client: Client) -> None:
    for path in ("/healthz", "/api/v1/me", "/nope"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
    me = client.get("/api/v1/me").headers
    assert me["cache-control"] == "no-store"
    assert "default-src 'none'" in me["content-security-policy"]
    assert "access-control-allow-origin" not in me
