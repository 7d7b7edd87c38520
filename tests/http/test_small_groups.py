"""API keys, variables, the audit log, code, expressions, node types, health."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from functions.main import build_app, running
from functions.parts import Parts
from layers.catalogue import NO_WORKSPACE
from layers.clock import ManualClock
from layers.identity.audit import find_break
from layers.sandbox.memory import ScriptedSandbox
from layers.sandbox.port import Outcome, SandboxError, SandboxResult, SandboxUnavailable
from tests.asgi_client import Client
from tests.conftest import Person
from tests.tampering import change_audit_log

BASE = "/api/v1"


def test_a_key_is_shown_once_and_works_until_it_is_revoked(ada: Person, client: Client) -> None:
    made = ada.browser.post(f"{BASE}/api-keys", json={"name": "ci"}).json()
    program = client.as_other({"Authorization": f"Bearer {made['api_key']}"})
    assert program.get(f"{BASE}/me").status == 200
    listed = ada.browser.get(f"{BASE}/api-keys")
    assert made["api_key"] not in listed.text
    assert {one["prefix"] for one in listed.json()["items"]} == {
        made["api_key"][:10],
        ada.api_key[:10],
    }
    assert ada.browser.delete(f"{BASE}/api-keys/{made['id']}").status == 204
    assert program.get(f"{BASE}/me").status == 401
    assert ada.browser.delete(f"{BASE}/api-keys/{made['id']}").status == 404


def test_a_key_says_when_it_was_used(ada: Person) -> None:
    ada.program.get(f"{BASE}/me")
    (key,) = ada.browser.get(f"{BASE}/api-keys").json()["items"]
    assert key["last_used_at"] is not None


def test_a_key_expires(make_parts: Callable[..., Parts]) -> None:
    clock = ManualClock()
    parts = make_parts(clock=clock)
    app = build_app(parts, lifespan=running(parts))
    with Client(app) as client:
        new = {"email": "a@example.com", "password": "correct horse battery", "name": "A"}
        owner = client.post(f"{BASE}/auth/signup", json=new).json()["api_key"]
        program = client.as_other({"Authorization": f"Bearer {owner}"})
        past = {"name": "x", "expires_at": "2000-01-01T00:00:00Z"}
        assert program.post(f"{BASE}/api-keys", json=past).status == 422
        soon = {"name": "x", "expires_at": "2023-11-15T00:00:00Z"}
        made = program.post(f"{BASE}/api-keys", json=soon).json()["api_key"]
        other = client.as_other({"Authorization": f"Bearer {made}"})
        assert other.get(f"{BASE}/me").status == 200
        clock.advance(86_400)
        app.state.authenticator._remembered.clear()
        assert other.get(f"{BASE}/me").status == 401


def test_a_mistyped_key_costs_no_look_up(
    ada: Person, client: Client, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = ada.api_key[:-1] + ("a" if ada.api_key[-1] != "a" else "b")
    monkeypatch.setattr(parts.database, "read", None)
    program = client.as_other({"Authorization": f"Bearer {wrong}"})
    assert program.get(f"{BASE}/node-types").status == 401


def test_a_key_that_was_just_used_costs_no_look_up(
    ada: Person, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ada.program.get(f"{BASE}/node-types").status == 200
    monkeypatch.setattr(parts.database, "read", None)
    assert ada.program.get(f"{BASE}/node-types").status == 200


@pytest.mark.parametrize("value", [None, 0, 1.5, "text", [1, {"a": None}], {"x": "\u0000"}])
def test_a_variable_keeps_any_json_value(ada: Person, value: Any) -> None:
    made = ada.program.post(f"{BASE}/variables", json={"name": "v", "value": value})
    assert made.status == 201
    path = f"{BASE}/variables/{made.json()['id']}"
    assert ada.program.get(path).json()["value"] == value
    assert ada.program.put(path, json={"name": "w", "value": 2}).json()["name"] == "w"
    assert ada.program.delete(path).status == 204
    assert ada.program.get(path).status == 404


def test_a_variables_name_is_taken_once_in_a_workspace(sign_up: Callable[..., Person]) -> None:
    ada, eve = sign_up(), sign_up()
    for person in (ada, eve):
        first = person.program.post(f"{BASE}/variables", json={"name": "v", "value": 1})
        assert first.status == 201
    assert ada.program.post(f"{BASE}/variables", json={"name": "v", "value": 1}).status == 409
    other = ada.program.post(f"{BASE}/variables", json={"name": "w", "value": 1}).json()["id"]
    renamed = ada.program.put(f"{BASE}/variables/{other}", json={"name": "v", "value": 1})
    assert renamed.status == 409


@pytest.mark.parametrize("name", ["", "1a", "a b", "a" * 65, "ä", "a\n"])
def test_a_variables_name_must_be_usable_in_expressions(ada: Person, name: str) -> None:
    answer = ada.program.post(f"{BASE}/variables", json={"name": name, "value": 1})
    assert answer.status == 422
    assert answer.json()["errors"][0]["pointer"] == "/name"


def test_a_variable_is_small(ada: Person) -> None:
    answer = ada.program.post(f"{BASE}/variables", json={"name": "v", "value": "x" * 70_000})
    assert answer.status == 422
    assert answer.json()["errors"][0]["pointer"] == "/value"


def test_the_audit_log_can_be_searched_and_shows_changes(ada: Person, parts: Parts) -> None:
    ada.program.post(f"{BASE}/variables", json={"name": "v", "value": 1})
    ada.program.post(f"{BASE}/variables", json={"name": "w", "value": 1})
    log = f"{BASE}/audit-log"
    entries = ada.program.get(log).json()["items"]
    assert [one["number"] for one in entries] == [3, 2, 1]
    assert entries[0]["actor"].startswith("api_key:")
    found = ada.program.get(log, query={"action": "variable.created", "limit": 1}).json()
    assert [one["detail"]["name"] for one in found["items"]] == ["w"]
    actor = f"user:{ada.user_id}"
    mine = ada.program.get(log, query={"actor": actor}).json()["items"]
    assert [one["action"] for one in mine] == ["user.signed_up"]
    target = entries[0]["target"]
    about = ada.program.get(log, query={"target": target}).json()["items"]
    assert [one["number"] for one in about] == [3]
    from_there = ada.program.get(log, query={"from": entries[0]["at"]}).json()["items"]
    assert entries[0]["id"] in {one["id"] for one in from_there}
    assert ada.program.get(log, query={"to": "2000-01-01T00:00:00Z"}).json()["items"] == []
    assert ada.program.get(log, query={"from": "yesterday"}).status == 422
    with parts.database.read() as session:
        assert find_break(session, ada.workspace_id) is None
    with parts.database.writing() as connection:
        change_audit_log(connection, "UPDATE audit_log SET actor = 'user:eve' WHERE number = 2")
    with parts.database.read() as session:
        assert find_break(session, ada.workspace_id) == 2


def test_code_runs_in_the_sandbox_with_what_was_asked(ada: Person, parts: Parts) -> None:
    body = {
        "code": "def run(items): return items",
        "items": [{"a": 1}],
        "mode": "warm",
        "requirements": ["requests>=2"],
        "timeout_s": 5,
        "network": ["example.com:443"],
    }
    answer = ada.program.post(f"{BASE}/code/run", json=body)
    assert answer.status == 200
    assert answer.json()["outcome"] == "ok"
    assert answer.json()["items"] == [{"a": 1}]
    assert isinstance(parts.sandbox, ScriptedSandbox)
    (asked,) = parts.sandbox.requests
    assert asked.workspace_id == ada.workspace_id
    assert (asked.mode, asked.limits.timeout_s) == ("warm", 5)
    assert (asked.requirements, asked.network) == (["requests>=2"], ["example.com:443"])


def test_code_may_use_a_credential_of_its_workspace(ada: Person, parts: Parts) -> None:
    body = {"name": "Shop", "type": "http_bearer", "data": {"token": "s3cret-token"}}
    made = ada.program.post(f"{BASE}/credentials", json=body).json()
    code = {"code": "1", "items": [], "credential_id": made["id"]}
    assert ada.program.post(f"{BASE}/code/run", json=code).status == 200
    assert isinstance(parts.sandbox, ScriptedSandbox)
    (lent,) = parts.sandbox.requests[-1].credentials
    assert (lent.name, lent.type, lent.secret) == ("Shop", "http_bearer", {"token": "s3cret-token"})


def test_code_is_lent_no_credential_that_is_not_there(ada: Person, parts: Parts) -> None:
    body = {"code": "1", "items": [], "credential_id": "0199a0b0-0000-7000-8000-000000000000"}
    answer = ada.program.post(f"{BASE}/code/run", json=body)
    assert answer.status == 422
    assert answer.json()["errors"][0]["pointer"] == "/credential_id"


def test_the_codes_own_error_is_an_answer(ada: Person, parts: Parts) -> None:
    assert isinstance(parts.sandbox, ScriptedSandbox)
    error = SandboxError("division by zero", "ZeroDivisionError", 2, "…")
    logs = [{"stream": "stdout", "text": "hello\n"}]
    parts.sandbox.script = lambda _asked: SandboxResult(
        Outcome.USER_ERROR, error=error, logs=logs, duration_ms=1.5
    )
    answer = ada.program.post(f"{BASE}/code/run", json={"code": "1/0", "items": []})
    assert answer.status == 200
    assert answer.json() == {
        "items": None,
        "logs": logs,
        "logs_truncated": False,
        "duration_ms": 1.5,
        "outcome": "user_error",
        "error": {
            "message": "division by zero",
            "type": "ZeroDivisionError",
            "line": 2,
            "traceback": "…",
        },
    }


def test_a_sandbox_that_is_away_is_a_503(ada: Person, parts: Parts) -> None:
    def away(_asked: object) -> SandboxResult:
        raise SandboxUnavailable

    assert isinstance(parts.sandbox, ScriptedSandbox)
    parts.sandbox.script = away
    answer = ada.program.post(f"{BASE}/code/run", json={"code": "1", "items": []})
    assert answer.status == 503
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "changed",
    [
        {"requirements": "requests"},
        {"requirements": ["a" * 301]},
        {"requirements": ["a"] * 51},
        {"network": ["example.com"]},
        {"network": "all"},
        {"timeout_s": 0},
        {"timeout_s": 301},
        {"items": [1]},
        {"workspace_id": "x"},
        {"run_id": "x"},
    ],
)
def test_code_is_refused_with_odd_wishes(ada: Person, changed: dict[str, Any]) -> None:
    body = {"code": "1", "items": [], **changed}
    assert ada.program.post(f"{BASE}/code/run", json=body).status == 422


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("item.x * 2", 4),
        ("{{ item.x }}", 2),
        ("n{{ item.x }}", "n2"),
        ("len(items)", 1),
        ("None", None),
    ],
)
def test_an_expression_is_previewed(ada: Person, expression: str, value: Any) -> None:
    body = {"expression": expression, "context": {"item": {"x": 2}, "items": [{"x": 2}]}}
    answer = ada.program.post(f"{BASE}/expressions/preview", json=body)
    assert (answer.status, answer.json()) == (200, {"value": value})


@pytest.mark.parametrize("expression", ["item.y", "1 +", "{{ 1", "__import__('os')", ""])
def test_a_wrong_expression_is_an_answer_too(ada: Person, expression: str) -> None:
    body = {"expression": expression, "context": {"item": {}}}
    answer = ada.program.post(f"{BASE}/expressions/preview", json=body)
    assert answer.status == 200
    assert set(answer.json()) == {"error"}
    assert answer.json()["error"]["message"]


def test_every_node_type_is_listed_with_its_form(ada: Person, parts: Parts) -> None:
    listed = {one["type"]: one for one in ada.program.get(f"{BASE}/node-types").json()["items"]}
    assert sorted(listed) == [found.spec.type for found in parts.catalogue.listed(NO_WORKSPACE)]
    assert listed["if"]["outputs"] == ["true", "false"]
    assert listed["if"]["effect"] == "pure"
    assert listed["http_request"]["effect"] == "effect"
    assert "http_bearer" in listed["http_request"]["credential_types"]
    assert listed["switch"]["dynamic_ports"] is True
    assert listed["webhook"]["kind"] == "trigger"
    assert listed["webhook"]["inputs"] == []
    condition = listed["if"]["params_schema"]["properties"]["condition"]
    assert condition["x-input"] == "expression"
    for one in listed.values():
        assert one["summary"], one["type"]
        assert one["params_schema"]["type"] == "object"


def test_health_and_readiness(client: Client, parts: Parts) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    ready = client.get("/readyz")
    assert (ready.status, ready.json()["status"]) == (200, "ready")
    with parts.database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'older'")
    outdated = client.get("/readyz")
    assert (outdated.status, outdated.json()["database"]) == (503, "outdated")
    assert client.get("/healthz").status == 200


def test_a_runner_that_is_away_only_degrades(client: Client, parts: Parts) -> None:
    async def away() -> dict[str, Any]:
        raise SandboxUnavailable("the runner is away")

    parts.sandbox.health = away  # type: ignore[method-assign]
    found = client.get("/readyz")
    assert found.status == 200
    assert found.json() == {"status": "degraded", "database": "ok", "runner": "the runner is away"}


def test_metrics_name_routes_by_their_pattern(ada: Person, client: Client) -> None:
    ada.program.get(f"{BASE}/workflows/{ada.user_id}")
    text = client.get("/metrics").text
    assert 'route="/api/v1/workflows/{workflow_id}",status="4xx"' in text
    assert ada.user_id not in text
    assert 'treadle_executions{status="queued"} 0.0' in text
    assert "treadle_queue_depth 0.0" in text
    assert "treadle_accepted_total 0.0" in text
    assert 'treadle_ended_total{status="failed"} 0.0' in text
