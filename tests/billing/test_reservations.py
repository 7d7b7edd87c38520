"""Reserve, settle, release; expiry after a crash; budgets that stop before the call."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy import text

from billing.limits.budgets import add_budget
from billing.usage.ledger import used_in
from billing.usage.periods import month_of
from billing.usage.reservations import BudgetReached, expire, release, reserve, settle
from layers.database import Database
from layers.engine.metering import Reservation, Usage
from layers.errors import LimitReached
from layers.sandbox.memory import ScriptedSandbox
from layers.sandbox.port import Outcome, SandboxResult
from layers.settings import BillingMode, BillingSettings
from tests.billing.shop import Shop

NOW = 1_795_700_000.0
ON = BillingSettings(mode=BillingMode.ON)
WORKSPACE = "00000000-0000-7000-8000-000000000001"
WORKFLOW = "00000000-0000-7000-8000-000000000002"


@pytest.fixture(autouse=True)
def workspace(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(
            text(
                "INSERT INTO workspaces (id, name, sealed_key, created_at) VALUES (:id, 'w', '', 0)"
            ),
            {"id": WORKSPACE},
        )


def wish(name: str, amount: int, limit: str = "ai_tokens", execution: str = "e1") -> Reservation:
    return Reservation(name, WORKSPACE, WORKFLOW, execution, limit, amount, NOW + 600)


def ask(database: Database, one: Reservation, now: float = NOW) -> None:
    with database.writing() as connection:
        reserve(connection, ON, "http://here", one, now)


def tokens(name: str, quantity: int) -> Usage:
    return Usage(
        WORKSPACE, "ai_input_tokens", name, quantity, NOW, WORKFLOW, "e1", detail="a-model"
    )


def used(database: Database) -> int:
    with database.reading() as connection:
        return used_in(connection, WORKSPACE, "ai_tokens", month_of(0.0, NOW))


def test_what_is_reserved_is_not_there_for_others(database: Database) -> None:
    ask(database, wish("a", 60_000))
    with pytest.raises(LimitReached) as refused:
        ask(database, wish("b", 60_000))
    assert refused.value.more["meter"] == "ai_tokens"
    with database.writing() as connection:
        settle(connection, "a", [tokens("a", 10_000)], NOW)
    assert used(database) == 10_000
    ask(database, wish("b", 60_000))
    with database.writing() as connection:
        release(connection, "b")
    ask(database, wish("c", 90_000))


def test_settling_twice_counts_once(database: Database) -> None:
    ask(database, wish("a", 100))
    for _ in range(2):
        with database.writing() as connection:
            settle(connection, "a", [tokens("a", 70)], NOW)
    assert used(database) == 70


def test_a_crash_is_forgotten_after_a_while(database: Database) -> None:
    ask(database, wish("a", 100_000))
    with pytest.raises(LimitReached):
        ask(database, wish("b", 1))
    ask(database, replace(wish("b", 1), expires_at=NOW + 1200), NOW + 601)
    with database.writing() as connection:
        assert expire(connection, NOW + 600) == 1


def test_reserved_again_it_takes_its_own_place(database: Database) -> None:
    ask(database, wish("a", 80_000))
    ask(database, wish("a", 90_000))


def test_many_at_once_reserve_no_more_than_there_is(database: Database) -> None:
    kept: list[str] = []
    ready = threading.Barrier(8)

    def begin(number: int) -> None:
        ready.wait()
        for round_ in range(5):
            name = f"{number}:{round_}"
            try:
                ask(database, wish(name, 10_000))
            except LimitReached:
                continue
            kept.append(name)

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kept) == 10


@pytest.mark.parametrize("scope", ["execution", "month"])
@pytest.mark.parametrize("limit", ["ai_tokens", "ai_cost"])
def test_budgets_stop_before_the_call(database: Database, scope: str, limit: str) -> None:
    with database.writing() as connection:
        values = {"workspace_id": WORKSPACE, "workflow_id": None, "now": NOW}
        add_budget(connection, {**values, "scope": scope, "meter": limit, "amount": 1000})
    ask(database, wish("a", 600, limit))
    with pytest.raises(BudgetReached, match="1000"):
        ask(database, wish("b", 500, limit))
    if scope == "execution":
        ask(database, wish("b", 500, limit, execution="e2"))
    meter = "ai_output_tokens" if limit == "ai_tokens" else limit
    with database.writing() as connection:
        spent = Usage(WORKSPACE, meter, "a", 400, NOW, WORKFLOW, "e1")
        settle(connection, "a", [spent], NOW)
        release(connection, "b")
    ask(database, wish("b", 600, limit))
    with pytest.raises(BudgetReached):
        ask(database, wish("c", 1, limit))


PYTHON = {
    "name": "Scores",
    "nodes": [
        {"id": "start", "type": "manual"},
        {
            "id": "score",
            "type": "python",
            "params": {"code": "def run(items):\n    return items\n", "timeout_s": 10},
        },
    ],
    "connections": [{"from": "start", "to": "score"}],
}


def test_a_python_step_stops_before_it_goes_beyond_its_budget(
    shop: Shop, sandbox: ScriptedSandbox
) -> None:
    made = shop.call("POST", "/workflows", PYTHON, 201)
    sandbox.script = lambda request: SandboxResult(
        Outcome.OK, items=[dict(item) for item in request.items], usage={"cpu_s": 2.0}
    )
    budget = {"scope": "month", "meter": "sandbox_cpu_ms", "amount": 13_000}
    shop.call("POST", "/billing/budgets", budget, 201)
    run = f"/workflows/{made['id']}/run"
    ended = [shop.call("POST", run, {"source": "draft", "wait": 120}) for _ in range(3)]
    assert [one["status"] for one in ended] == ["succeeded", "succeeded", "failed"]
    assert ended[2]["error"]["kind"] == "budget_reached"
    assert len(sandbox.requests) == 2, "the third was not run at all"
    assert shop.rows("SELECT id FROM usage_reservations") == []
    (used_now,) = shop.rows(
        "SELECT sum(quantity) AS n FROM usage_ledger WHERE meter = 'sandbox_cpu_ms'"
    )
    assert used_now.n == 4000


@pytest.mark.parametrize("database_kind", [pytest.param("postgres", marks=pytest.mark.postgres)])
def test_a_reservation_keeps_nobody_from_writing_in_the_workspace(database: Database) -> None:
    with database.writing() as reserving:
        reserve(reserving, ON, "http://here", wish("one", 10), NOW)
        with database.writing() as accepting:
            # What a foreign key looks at; raises at once where it would have to wait.
            accepting.execute(
                text("SELECT id FROM workspaces WHERE id = :id FOR KEY SHARE NOWAIT"),
                {"id": WORKSPACE},
            )
