"""A table that somebody has locked stops who needs it, and not the process (PostgreSQL)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from layers.database import Database
from tests.asgi_client import Client
from tests.lock_waits import waits_for_a_lock
from tests.waiting import until


@pytest.fixture(params=[pytest.param("postgres", marks=pytest.mark.postgres)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Whoever reads SQLite waits for nobody."""
    kind: str = request.param
    return kind


@pytest.mark.parametrize("table", ["variables", "workflow_versions", "executions"])
def test_the_process_is_well_while_a_table_is_locked(
    client: Client, ada: Any, database: Database, table: str
) -> None:
    hook = {"id": "hook", "type": "webhook", "params": {"path": "locked", "respond": "last_node"}}
    greeting = {"id": "greet", "type": "set", "params": {"fields": {"to": "{{ vars.name }}"}}}
    workflow = {
        "name": "Greeting",
        "nodes": [hook, greeting],
        "connections": [{"from": "hook", "to": "greet"}],
    }
    given = ada.program.post("/api/v1/variables", json={"name": "name", "value": "Ada"})
    assert given.status == 201, given.text
    made = ada.program.post("/api/v1/workflows", json=workflow)
    assert made.status == 201, made.text
    workflow_id = made.json()["id"]
    assert ada.program.post(f"/api/v1/workflows/{workflow_id}/activate").status == 200
    with ThreadPoolExecutor(1) as pool:
        with database.writing() as connection:
            connection.exec_driver_sql(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            answer = pool.submit(client.as_other().post, "/hooks/locked", json={})
            until(lambda: waits_for_a_lock(database), "the webhook waits for the table")
            # It would be answered only once the lock is gone, which waits for the answer.
            assert client.get("/healthz").status == 200
            assert not answer.done()
        assert answer.result().status == 200
