"""Any function served by itself, as a cloud would: by functions-framework, on this machine only."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from functions.alone import Call, Loan, call_node
from functions.targets import function_app, list_functions
from layers.artifacts import StoredFiles, open_store
from layers.catalogue import node_type
from layers.contract import Item
from layers.database import Database
from layers.database.migrate import upgrade
from layers.packages.lockfile import read_lock
from layers.registry import installed
from layers.sandbox import ScriptedSandbox
from layers.settings import load_settings
from tests.asgi_client import Client
from tests.conftest import KEYS
from tests.ports import free_port
from tests.postgres_server import PostgresServer
from tests.waiting import PATIENCE_S, until

REPOSITORY = Path(__file__).parents[2]


@contextmanager
def served(name: str, environment: dict[str, str]) -> Iterator[tuple[str, int]]:
    """The function's address and process id, while it is served."""
    port = free_port()
    code = f"from functions.targets import serve; serve({name!r}, {port})"
    process = subprocess.Popen(
        [sys.executable, "-c", code], env={**os.environ, **environment}, cwd=REPOSITORY
    )
    try:
        until(lambda: _serves(process, port), "it serves")
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)


def _serves(process: subprocess.Popen[bytes], port: int) -> bool:
    assert process.poll() is None, "it ended before it served"
    with suppress(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S).close()
        return True
    return False


def test_every_group_node_and_trigger_is_a_function() -> None:
    names = list_functions()
    registry = installed()
    assert {f"node.{name}" for name in registry.nodes} <= set(names)
    assert {f"trigger.{name}" for name in registry.triggers} <= set(names)
    assert {"auth", "workflows", "executions", "hooks"} <= set(names)
    assert all("\n" not in line and line for line in names.values())


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_an_http_group_is_served_alone(database_url: str, tmp_path: Path) -> None:
    environment = {
        "TREADLE_DATA": str(tmp_path),
        "TREADLE_DATABASE_URL": database_url,
        "TREADLE_SECRET_KEYS": KEYS,
    }
    new = {"email": "a@example.com", "password": "correct horse battery", "name": "A"}
    with served("auth", environment) as (url, _pid):
        made = requests.post(f"{url}/api/v1/auth/signup", json=new, timeout=PATIENCE_S)
        assert made.status_code == 201
        assert made.cookies["treadle_session"]
        assert requests.get(f"{url}/api/v1/workflows", timeout=PATIENCE_S).status_code == 404
        again = requests.post(f"{url}/api/v1/auth/signup", json=new, timeout=PATIENCE_S)
        assert again.status_code == 409
        assert again.headers["content-type"] == "application/problem+json"
        chunks = (part for part in (b"x",) * 10)
        assert (
            requests.post(f"{url}/api/v1/auth/login", data=chunks, timeout=PATIENCE_S).status_code
            == 415
        )


@pytest.mark.postgres
def test_a_database_that_is_away_is_told_and_waited_for(tmp_path: Path) -> None:
    server = PostgresServer(durable=True)
    try:
        database_url = server.url(server.create())
        database = Database(database_url)
        upgrade(database)
        database.close()
        environment = {
            "TREADLE_DATA": str(tmp_path),
            "TREADLE_DATABASE_URL": database_url,
            "TREADLE_SECRET_KEYS": KEYS,
        }
        new = {"email": "a@example.com", "password": "correct horse battery", "name": "A"}
        server.crash()
        with served("auth", environment) as (url, _pid):
            address = f"{url}/api/v1/auth/signup"
            _is_told_to_come_again(requests.post(address, json=new, timeout=PATIENCE_S))
            server.revive()
            assert requests.post(address, json=new, timeout=PATIENCE_S).status_code == 201
            server.crash()
            _is_told_to_come_again(requests.post(address, json=new, timeout=PATIENCE_S))
    finally:
        server.stop()


def _is_told_to_come_again(answer: requests.Response) -> None:
    assert answer.status_code == 503, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "5"
    assert "database" in answer.json()["detail"]


def test_a_node_is_served_alone_on_this_machine_only(tmp_path: Path) -> None:
    call = {
        "params": {"fields": {"label": "Order {{ item.id }} of {{ vars.shop }}"}, "keep": True},
        "items": [{"id": 1}, {"id": 2}],
        "context": {"vars": {"shop": "Ada's"}},
    }
    with served("node.set", {"TREADLE_DATA": str(tmp_path)}) as (url, pid):
        answer = requests.post(url, json=call, timeout=PATIENCE_S)
        assert answer.status_code == 200
        assert answer.json()["outputs"] == {
            "main": [
                {"id": 1, "label": "Order 1 of Ada's"},
                {"id": 2, "label": "Order 2 of Ada's"},
            ]
        }
        wrong = requests.post(url, json={"params": {"nope": 1}}, timeout=PATIENCE_S)
        assert wrong.status_code == 422
        assert wrong.headers["content-type"] == "application/problem+json"
        assert wrong.json()["errors"][0]["pointer"] == "/params/nope"
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        addresses = {
            connection.laddr.ip
            for process in family
            for connection in process.net_connections("inet")
            if connection.status == psutil.CONN_LISTEN
        }
        assert addresses == {"127.0.0.1"}


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Callable[[str], Client]]:
    """Calls a function's own app in this process."""
    settings = load_settings({"TREADLE_DATA": str(tmp_path), "TREADLE_PACKAGES_DENY": "evil"})
    opened: list[Client] = []

    def make(name: str) -> Client:
        client = Client(function_app(name, installed(), settings)).__enter__()
        opened.append(client)
        return client

    yield make
    for client in opened:
        client.__exit__(None, None, None)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"nope": 1}, "/nope"),
        ({"items": [1]}, "/items/0"),
        ({"params": {"fields": {"a": "{{ 1 + }}"}}}, "/params/fields"),
    ],
)
def test_a_mistake_in_a_call_is_pointed_at(
    alone: Callable[[str], Client], body: dict[str, Any], pointer: str
) -> None:
    answer = alone("node.set").post("/", json=body)
    assert answer.status == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_a_nodes_own_failure_names_the_item(alone: Callable[[str], Client]) -> None:
    call = {"params": {"fields": {"a": "{{ item.x }}"}}, "items": [{"x": 1}, {}]}
    answer = alone("node.set").post("/", json=call)
    assert answer.status == 422
    assert "item 1" in answer.json()["detail"]
    assert "item.x" in answer.json()["detail"]


def test_a_page_of_another_site_cannot_call_a_function(alone: Callable[[str], Client]) -> None:
    body = json.dumps({"params": {"fields": {}}}).encode()
    plain = {"content-type": "text/plain"}
    assert alone("node.set").post("/", content=body, headers=plain).status == 415


def test_a_node_that_joins_ports_gets_them(alone: Callable[[str], Client]) -> None:
    call = {"params": {"mode": "append"}, "inputs": {"a": [{"n": 1}], "b": [{"n": 2}]}}
    answer = alone("node.merge").post("/", json=call)
    assert answer.json()["outputs"] == {"main": [{"n": 1}, {"n": 2}]}


def test_a_node_that_waits_says_so(alone: Callable[[str], Client]) -> None:
    answer = alone("node.wait").post("/", json={"params": {"seconds": 60}, "items": [{"n": 1}]})
    suspension = answer.json()["suspension"]
    assert suspension["kind"] == "WaitUntil"
    assert suspension["items"] == [{"n": 1}]


def test_a_trigger_is_polled_from_its_cursor(alone: Callable[[str], Client]) -> None:
    schedule = alone("trigger.schedule")
    first = schedule.post("/", json={"params": {"every_s": 1}}).json()
    assert first["events"] == []
    assert first["next_at"] is not None
    call = {"params": {"every_s": 1}, "cursor": first["cursor"]}
    assert "events" in schedule.post("/", json=call).json()
    answer = alone("trigger.webhook").post("/", json={"params": {"path": "x"}})
    assert answer.status == 422
    assert "not polled" in answer.json()["detail"]


async def run_alone(name: str, call: Call, sandbox: ScriptedSandbox, folder: Path) -> Any:
    files = StoredFiles(open_store(f"file://{folder}"), "alone")
    return await call_node(
        node_type(installed().nodes[name]),
        call,
        Loan(http=None, files=files, sandbox=sandbox),  # type: ignore[arg-type]
    )


@pytest.mark.anyio
async def test_the_python_node_alone_uses_the_sandbox(tmp_path: Path) -> None:
    sandbox = ScriptedSandbox()
    call = Call(params={"code": "def run(items): return items"}, items=[{"n": 1}])
    found = await run_alone("python", call, sandbox, tmp_path)
    assert found["outputs"] == {"main": [Item(n=1)]}
    assert sandbox.requests[0].workspace_id == "alone"


@pytest.mark.anyio
async def test_the_python_node_alone_brings_its_packages(tmp_path: Path) -> None:
    sandbox = ScriptedSandbox()
    params = {"code": "def run(items): return items", "requirements": ["a==2.0"]}
    await run_alone("python", Call(params=params), sandbox, tmp_path)
    assert read_lock(sandbox.requests[0].lock).packages == [("a", "2.0")]


def test_the_instances_policy_holds_for_a_node_alone(alone: Callable[[str], Client]) -> None:
    params = {"code": "def run(items): return items", "requirements": ["evil"]}
    answer = alone("node.python").post("/", json={"params": params})
    assert answer.status == 422
    assert answer.json()["detail"] == "The package evil is denied by the policy of this instance."


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
