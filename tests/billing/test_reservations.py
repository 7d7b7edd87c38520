"""Reserve, settle, release; expiry after a crash; budgets that stop before the call."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy import text

from billing.ledger import used_in
from billing.lists import add_budget
from billing.periods import month_of
from billing.reservations import BudgetReached, Reservation, expire, release, reserve, settle
from layers.database import Database
from layers.engine.metering import Usage
from layers.errors import LimitReached
from layers.settings import BillingMode, BillingSettings

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
