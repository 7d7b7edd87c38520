"""What PostgreSQL gives up for the sake of others is done again; who asked does not hear of it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text

from functions.parts import Parts
from tests.conftest import Person
from tests.engine.harness import node, workflow
from tests.lock_waits import waits_for_a_lock
from tests.waiting import until

BASE = "/api/v1"
LOCK = text("SELECT id FROM executions WHERE id = :id FOR UPDATE")


@pytest.fixture(params=[pytest.param("postgres", marks=pytest.mark.postgres)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """SQLite has one writer at a time."""
    kind: str = request.param
    return kind


def in_a_deadlock(parts: Parts, table: str, execution_id: str, ask: Callable[[], Any]) -> Any:
    """Ask for something that locks an execution and then writes into a table; gives the answer.

    Another one holds the table and wants the execution: a circle, out of which the asker is thrown.
    """
    with ThreadPoolExecutor(1) as other, parts.database.writing() as connection:
        connection.exec_driver_sql("SET LOCAL deadlock_timeout = '1h'")
        connection.exec_driver_sql(f"LOCK TABLE {table} IN SHARE MODE")
        answer = other.submit(ask)
        until(lambda: waits_for_a_lock(parts.database), "somebody waits for a lock")
        connection.execute(LOCK, {"id": execution_id})
        connection.commit()
        return answer.result()


def test_going_on_by_hand_in_a_deadlock_goes_on(ada: Person, parts: Parts) -> None:
    document = workflow(
        [node("start", "manual"), node("ask", "wait", {"callback": True})], ["start -> ask"]
    )
    made = ada.program.post(f"{BASE}/workflows", json=document).json()["id"]
    begun = ada.program.post(f"{BASE}/workflows/{made}/run", json={"wait": 1}).json()
    url = f"{BASE}/executions/{begun['execution_id']}"
    until(lambda: ada.program.get(url).json()["status"] == "waiting", "it waits")
    wish = {"node_id": "ask", "body": {"yes": True}}
    answer = in_a_deadlock(
        parts,
        "callbacks",
        begun["execution_id"],
        lambda: ada.program.post(f"{url}/continue", json=wish),
    )
    assert answer.status == 202, answer.text
    until(lambda: ada.program.get(url).json()["status"] == "succeeded", "it went on")
    with parts.database.reading() as connection:
        found = connection.execute(
            text("SELECT count(*) FROM audit_log WHERE action = 'execution.continued'")
        )
        assert found.scalar_one() == 1
