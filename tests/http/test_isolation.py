"""Made from the OpenAPI document: every route, against strangers, other workspaces and roles."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from functions.http.access import PUBLIC_ROUTES
from functions.http.endpoint import Endpoint, answer_alone
from functions.main import GROUPS, build_app
from functions.parts import Parts
from layers.database.models import Base, Role, TenantBase
from layers.identity import PERMISSIONS_OF
from layers.identity.members import suspend_member
from layers.ids import new_id
from tests.asgi_client import Client
from tests.conftest import Person
from tests.http.people import bring

ENDPOINTS = [
    (method, route)
    for router in GROUPS.values()
    for route in router.routes
    if isinstance(route, Endpoint)
    for method in sorted(route.methods or ())
]
PROTECTED = [(method, route) for method, route in ENDPOINTS if route.permission is not None]


def case_id(value: object) -> str:
    return value.path if isinstance(value, Endpoint) else str(value)


def body_of(schema: dict[str, Any], route: Endpoint, method: str) -> Any:
    """A valid body for a route, by the examples in its schema."""
    operation = schema["paths"][route.path_format][method.lower()]
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return ...
    return BODIES[operation["operationId"]]


BODIES: dict[str, Any] = {
    "sign_up": {"email": "z@example.com", "password": "correct horse battery", "name": "Z"},
    "log_in": {"email": "z@example.com", "password": "correct horse battery"},
    "enter_workspace": {"workspace_id": new_id()},
    "update_me": {"name": "Z"},
    "change_password": {"current": "correct horse battery", "new": "correct horse battery 2"},
    "create_workspace": {"name": "w"},
    "rename_workspace": {"name": "w"},
    "update_retention": {"days": 30},
    "change_role": {"role": "editor"},
    "create_invitation": {"email": "new@example.com", "role": "viewer"},
    "read_invitation": {"token": "t"},
    "accept_invitation": {"token": "t"},
    "create_api_key": {"name": "k"},
    "create_workflow": {"name": "w", "nodes": [{"id": "a", "type": "manual"}]},
    "update_workflow": {"name": "w2", "nodes": [{"id": "a", "type": "manual"}]},
    "create_credential": {"name": "c", "type": "http_bearer", "data": {"token": "t"}},
    "update_credential": {"name": "c2", "data": {"token": "t2"}},
    "create_variable": {"name": "fresh", "value": 1},
    "update_variable": {"name": "renamed", "value": 2},
    "preview_expression": {"expression": "1"},
    "create_draft": {"name": "d"},
    "save_draft": {"document": {"name": "w", "nodes": [{"id": "a", "type": "manual"}]}},
    "publish_workflow": {"message": "m"},
    "duplicate_workflow": {"name": "copy"},
    "change_executions": {"action": "delete", "ids": []},
    "run_workflow": {"wait": 120},
    "list_options": {"params": {}},
    "preview_schedule": {"params": {"every_s": 60}},
    "test_trigger": {"body": "{}"},
    "retry_execution": {},
    "resolve_execution": {"node_id": "a", "decision": "retry"},
    "continue_execution": {"node_id": "a"},
    "check_code": {"code": "def run(items): return items"},
    "lock_code": {"requirements": ["requests>=2"]},
    "update_package_policy": {"deny": ["evil"], "floors": {"urllib3": "2.2"}},
    "begin_checkout": {"plan": "pro"},
    "change_subscription": {"plan": "pro"},
    "cancel_subscription": {"at": "period_end"},
    "buy_credits": {"amount": 1000},
    "grant_credits": {"workspace_id": new_id(), "amount": 1, "reason": "r"},
    "begin_contract": {
        "workspace_id": new_id(),
        "plan": "enterprise",
        "currency": "eur",
        "unit_amount": 1,
    },
    "credit_invoice": {"amount": 1, "reason": "r"},
    "refund_invoice": {},
    "create_budget": {"scope": "month", "meter": "ai_tokens", "amount": 1},
    "update_preferences": {"mail": {"usage": False}},
    "update_buyer": {"name": "B", "email": "b@example.com"},
    "apply_promotion_code": {"promotion_code": "SPRING25"},
    "create_coupon": {"code": "SPRING25", "name": "Spring", "percent_off": "25"},
    "create_override": {
        "workspace_id": new_id(),
        "name": "executions",
        "value": 5,
        "reason": "r",
    },
    "run_code": {"code": "def run(items): return items", "items": []},
}


def owned_ids(person: Person) -> dict[str, str]:
    """The ids of one thing of each kind, by the names that paths give them."""
    program = person.program
    workflow = {
        "name": "w",
        "nodes": [{"id": "a", "type": "webhook", "params": {"path": new_id()}}],
    }
    made = {
        "workflow_id": program.post("/api/v1/workflows", json=workflow),
        "credential_id": program.post("/api/v1/credentials", json=BODIES["create_credential"]),
        "variable_id": program.post("/api/v1/variables", json={"name": "v", "value": 1}),
        "api_key_id": program.post("/api/v1/api-keys", json={"name": "k"}),
        "invitation_id": program.post(
            "/api/v1/invitations", json={"email": f"{new_id()}@example.com", "role": "viewer"}
        ),
    }
    made["budget_id"] = program.post("/api/v1/billing/budgets", json=BODIES["create_budget"])
    ids = {name: answer.json()["id"] for name, answer in made.items()}
    if person.signed_up.json()["user"]["is_administrator"]:
        for name in ("create_override", "grant_credits", "begin_contract"):
            BODIES[name] = {**BODIES[name], "workspace_id": person.workspace_id}
        override = program.post("/api/v1/instance/overrides", json=BODIES["create_override"])
        ids["override_id"] = override.json()["id"]
    ids |= PARTS_OF_PATHS
    guest = f"{new_id()}@example.com"
    ids["user_id"] = bring(person, program.as_other(), "viewer", guest).user_id
    listening = {
        "name": "listening",
        "nodes": [{"id": "a", "type": "webhook", "params": {"path": new_id()}}],
    }
    other = program.post("/api/v1/workflows", json=listening).json()["id"]
    program.post(f"/api/v1/workflows/{other}/activate")
    (trigger,) = program.get("/api/v1/triggers").json()["items"]
    ids["trigger_id"] = trigger["id"]
    run = program.post(f"/api/v1/workflows/{ids['workflow_id']}/run", json={"wait": 120})
    assert run.json()["status"] == "succeeded", run.text
    return ids | {"execution_id": run.json()["id"]}


def filled(route: Endpoint, ids: dict[str, str]) -> str:
    """The route's path with these ids in it."""
    path = route.path_format
    for name, value in ids.items():
        path = path.replace(f"{{{name}}}", value)
    assert "{" not in path, f"owned_ids() makes nothing for {path}"
    return f"{path}?index=0" if path.endswith("/ancestors") else path


def contents(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, what only says who looked when left out."""
    skipped = {"audit_log", "sessions", "throttles"}
    found: dict[str, list[tuple[Any, ...]]] = {}
    for table in Base.metadata.sorted_tables:
        if table.name not in skipped:
            columns = ", ".join(one.name for one in table.columns if one.name != "last_used_at")
            rows = connection.execute(text(f"SELECT {columns} FROM {table.name}"))
            found[table.name] = sorted((tuple(row) for row in rows), key=repr)
    return found


def test_what_is_public_is_on_the_list_and_nothing_else() -> None:
    public = {(method, route.path) for method, route in ENDPOINTS if route.permission is None}
    assert public <= PUBLIC_ROUTES
    assert {(method, route.path) for method, route in ENDPOINTS} >= PUBLIC_ROUTES


def test_a_route_that_forgets_its_permission_cannot_be_made() -> None:
    with pytest.raises(TypeError, match="must either declare a permission"):
        Endpoint("/api/v1/forgotten", lambda: None, methods=["GET"])


def test_every_route_is_documented_with_its_errors(parts: Parts) -> None:
    document = build_app(parts).openapi()
    names = [
        operation["operationId"]
        for path in document["paths"].values()
        for operation in path.values()
    ]
    assert len(names) == len(set(names))
    for method, route in ENDPOINTS:
        operation = document["paths"][route.path_format][method.lower()]
        assert operation["summary"]
        assert operation["description"]
        if route.permission is not None:
            assert {"401", "403"} <= set(operation["responses"])
        for status, response in operation["responses"].items():
            if status.startswith("4"):
                assert list(response["content"]) == ["application/problem+json"]


@pytest.mark.parametrize(("method", "route"), PROTECTED, ids=case_id)
def test_nobody_gets_in_without_proof(
    client: Client, method: str, route: Endpoint, database_kind: str
) -> None:
    path = filled(route, dict.fromkeys(NAMES, new_id()) | PARTS_OF_PATHS)
    for sent in ({}, {"Authorization": "Bearer tdl_x"}, {"Cookie": "treadle_session=x"}):
        answer = client.request(method, path, headers=sent, content=b"{ malformed")
        assert answer.status == 401
        assert answer.json()["status"] == 401


PARTS_OF_PATHS = {
    "type": "execute_workflow",
    "name": "workflows",
    "number": "1",
    "node_id": "a",
    "provider": "generic",
}
# Only Stripe makes these: what there is none of is no other workspace's either.
PARTS_OF_PATHS |= {"method_id": "pm_none", "invoice_id": "in_none", "alert_id": new_id()}
PARTS_OF_PATHS |= {"code_id": "promo_none", "credit_note_id": "cn_none"}
PARTS_OF_PATHS |= {"key": f"sha256:{'0' * 64}"}
NAMES = (
    *("workflow_id", "credential_id", "variable_id", "api_key_id", "execution_id"),
    *("user_id", "invitation_id", "trigger_id", "budget_id", "override_id"),
)


def test_a_cookie_alone_changes_nothing(ada: Person, parts: Parts) -> None:
    ids = owned_ids(ada)
    del ada.browser.headers["X-CSRF-Token"]
    with parts.database.reading() as connection:
        before = contents(connection)
    for method, route in PROTECTED:
        if method != "GET":
            answer = ada.browser.request(method, filled(route, ids), content=b"{}")
            assert answer.status == 403, (method, route.path)
    with parts.database.reading() as connection:
        assert contents(connection) == before


def test_another_workspaces_things_do_not_exist(
    sign_up: Callable[..., Person], parts: Parts, client: Client
) -> None:
    ada, eve = sign_up(), sign_up()
    ids = owned_ids(ada)
    with parts.database.reading() as connection:
        before = contents(connection)
    document = client.get("/api/v1/openapi.json").json()
    asked = 0
    for method, route in PROTECTED:
        # Node types are everybody's; what their lists show is asked with one's own credentials.
        if "{" in route.path_format and "{type}" not in route.path_format:
            body = body_of(document, route, method)
            answer = eve.program.request(method, filled(route, ids), json=body)
            assert answer.status == 404, (method, route.path, answer.text)
            asked += 1
    assert asked >= 15
    with parts.database.reading() as connection:
        assert contents(connection) == before


def test_lists_hold_nothing_of_other_workspaces(sign_up: Callable[..., Person]) -> None:
    ada, eve = sign_up(), sign_up()
    ids = owned_ids(ada)
    for method, route in PROTECTED:
        if method == "GET" and "{" not in route.path_format:
            text_of_eve = eve.program.get(route.path_format).text
            assert not [name for name in NAMES if ids.get(name, "none") in text_of_eve]
            assert ada.workspace_id not in text_of_eve


@pytest.mark.parametrize("role", list(Role))
def test_a_role_may_do_what_the_table_says_and_no_more(
    ada: Person, parts: Parts, client: Client, role: Role
) -> None:
    ids = owned_ids(ada)
    document = client.get("/api/v1/openapi.json").json()
    with parts.database.writing() as connection:
        connection.execute(text("UPDATE memberships SET role = :role"), {"role": role})
    client.app.state.authenticator._remembered.clear()
    forbidden = 0
    for method, route in sorted(PROTECTED, key=lambda one: one[0] == "DELETE"):
        allowed = route.permission in PERMISSIONS_OF[role]
        if allowed and method != "GET":
            continue
        body = body_of(document, route, method)
        answer = ada.program.request(method, filled(route, ids), json=body)
        assert (answer.status != 403) is allowed, (method, route.path, answer.text)
        forbidden += not allowed
    if role is Role.VIEWER:
        assert forbidden >= 10
        writes = {route.path for method, route in PROTECTED if method != "GET"}
        assert len(writes) >= 10


def json_schema_of(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any] | None:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return None
    schema: dict[str, Any] = content["schema"]
    schema = next((one for one in schema.get("anyOf", ()) if "$ref" in one), schema)
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def test_no_body_takes_a_column_that_is_ours(ada: Person, client: Client, parts: Parts) -> None:
    ids = owned_ids(ada)
    document = client.get("/api/v1/openapi.json").json()
    columns = {
        column.name
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, TenantBase) or mapper.local_table.name == "users"
        for column in mapper.local_table.columns
    } | {"files", "filepath", "_meta", "__class__", "owner"}
    with parts.database.reading() as connection:
        before = contents(connection)
    asked = 0
    for method, route in ENDPOINTS:
        operation = document["paths"][route.path_format][method.lower()]
        schema = json_schema_of(document, operation)
        if schema is None:
            continue
        # What only answers have is left out, so that what was read can be put back.
        for name in sorted(columns - set(schema["properties"]) - answer_alone(route)):
            body = {**BODIES[operation["operationId"]], name: "x"}
            answer = ada.program.request(method, filled(route, ids), json=body)
            assert answer.status == 422, (method, route.path, name)
            assert answer.json()["errors"][0]["pointer"] == f"/{name}"
            asked += 1
    assert asked > 200
    with parts.database.reading() as connection:
        assert contents(connection) == before


def test_everything_that_changes_something_is_in_the_audit_log(
    ada: Person, client: Client, parts: Parts
) -> None:
    ids = owned_ids(ada)
    document = client.get("/api/v1/openapi.json").json()
    log = "/api/v1/audit-log?limit=1"
    # They change nothing, or no more than the list of executions shows anyway.
    quiet = {"preview_expression", "run_workflow", "check_code", "lock_code", "save_draft"}
    quiet |= {"list_options"}
    # It is on record in the workspace that it makes.
    quiet |= {"create_workspace", "preview_schedule"}
    # These are about an execution that has not ended, or for browsers only.
    refused = {
        "cancel_execution",
        "resolve_execution",
        "continue_execution",
        "enter_workspace",
        "accept_invitation",
    }
    # Billing is off here.
    refused |= {"begin_checkout", "change_subscription", "cancel_subscription"}
    refused |= {"resume_subscription", "pay_what_is_owed", "open_portal"}
    refused |= {"add_payment_method", "update_buyer"}
    refused |= {"take_back_scheduled_change", "drop_pending_change"}
    refused |= {"apply_promotion_code", "remove_promotion_code"}
    refused |= {"create_coupon", "deactivate_coupon", "buy_credits", "begin_contract"}
    quiet |= {"refresh_subscription", "dismiss_alert", "dismiss_administrators_alert"}
    quiet |= {"choose_payment_method", "remove_payment_method", "pay_invoice"}
    quiet |= {"credit_invoice", "refund_invoice"}
    for method, route in sorted(PROTECTED, key=lambda one: one[0] == "DELETE"):
        operation = document["paths"][route.path_format][method.lower()]
        if method == "GET" or operation["operationId"] in quiet:
            continue
        before = ada.program.get(log).json()["items"][0]["number"]
        caller = ada.browser if operation["operationId"] == "log_out" else ada.program
        if operation["operationId"] == "activate_workflow":
            # The update before left a workflow that nothing could start.
            hook = {"id": "a", "type": "webhook", "params": {"path": new_id()}}
            body = {"name": "w", "nodes": [hook]}
            caller.put(f"/api/v1/workflows/{ids['workflow_id']}", json=body)
            before += 1
        if operation["operationId"] == "restore_member":
            with parts.database.write() as session:
                suspend_member(session, ada.workspace_id, ids["user_id"], "test", 1.0)
            assert ada.program.get(log).json()["items"][0]["action"] == "member.suspended"
            before += 1
        body = body_of(document, route, method)
        answer = caller.request(method, filled(route, ids), json=body)
        if operation["operationId"] in refused:
            assert answer.status == 409
            continue
        assert answer.status < 300, (method, route.path, answer.text)
        entry = ada.program.get(log).json()["items"][0]
        # Code is put on record before it runs, and again with how it ended.
        entries = 2 if operation["operationId"] == "run_code" else 1
        assert entry["number"] == before + entries, (method, route.path)
        assert "correct horse" not in json.dumps(entry)


def test_only_repositories_ask_the_tables() -> None:
    # These two are on the way of every webhook and ask the database in one statement.
    exempt = {"hook_table.py", "callbacks.py"}
    for folder in ("functions/http", "layers/identity"):
        for path in Path(folder).glob("*.py"):
            found = re.findall(r"^from sqlalchemy import (.*)$", path.read_text(), re.MULTILINE)
            words = {word.strip() for line in found for word in line.split(",")}
            if path.name not in exempt:
                assert not words & {"select", "text", "update", "delete", "insert"}, path
