"""Counting once, exactly to the limit, and the same whichever way it is added up."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from billing.limits.admission import PlanMeter, meter_of
from billing.limits.entitlements import entitlements_of
from billing.usage.ledger import record, used_in
from billing.usage.periods import Period, month_of
from billing.usage.recomputing import recompute
from billing.usage.reports import points, recomputed
from functions.parts import Parts
from layers.database import Database
from layers.engine.accept import Accept, Incoming
from layers.engine.metering import NoMeter, Usage
from layers.ids import new_id
from layers.settings import BillingMode, BillingSettings, Settings
from tests.billing.shop import Shop
from tests.conftest import Person

NOW = 1_795_700_000.0
MONTH = month_of(0.0, NOW)
WORKSPACE = "00000000-0000-7000-8000-000000000001"
ON = BillingSettings(mode=BillingMode.ON)


@pytest.fixture
def workspace(database: Database) -> str:
    with database.writing() as connection:
        connection.execute(
            text(
                "INSERT INTO workspaces (id, name, sealed_key, created_at) VALUES (:id, 'w', '', 0)"
            ),
            {"id": WORKSPACE},
        )
    return WORKSPACE


def used(meter: str, source: str, quantity: int = 1, at: float = NOW, **more: str) -> Usage:
    return Usage(WORKSPACE, meter, source, quantity, at, **more)


def total(database: Database, limit: str = "executions") -> int:
    with database.reading() as connection:
        return used_in(connection, WORKSPACE, limit, MONTH)


def test_written_twice_it_counts_once(database: Database, workspace: str) -> None:
    for _ in range(2):
        with database.writing() as connection:
            used_in(connection, workspace, "executions", MONTH, lock=True)
            record(connection, [used("executions", "a"), used("executions", "b")], NOW)
    with database.writing() as connection:
        record(connection, [used("executions", "b"), used("executions", "c")], NOW)
    assert total(database) == 3
    with database.reading() as connection:
        (row,) = points(connection, workspace, MONTH, "day")
        assert row.quantity == 3


def test_the_ledger_only_grows(database: Database, workspace: str) -> None:
    with database.writing() as connection:
        record(connection, [used("executions", "a")], NOW)
    for statement in ("UPDATE usage_ledger SET quantity = 0", "DELETE FROM usage_ledger"):
        with pytest.raises(DBAPIError, match="only grows"), database.writing() as connection:
            connection.execute(text(statement))
    assert total(database) == 1


def test_what_is_taken_back_lessens_the_sum(database: Database, workspace: str) -> None:
    with database.writing() as connection:
        record(connection, [used("executions", "a"), used("executions", "a:back", -1)], NOW)
    assert total(database) == 0


def starts(number: int, workflow_id: str, **more: object) -> list[Incoming]:
    return [
        Incoming(
            workspace_id=WORKSPACE,
            workflow_id=workflow_id,
            version_id=new_id(),
            source=new_id(),
            payload="[]",
            now=NOW,
            **more,  # type: ignore[arg-type]
        )
        for _ in range(number)
    ]


def workflow(database: Database) -> str:
    workflow_id = new_id()
    with database.writing() as connection:
        connection.execute(
            text(
                "INSERT INTO workflows (id, workspace_id, name, latest_version,"
                " latest_version_id, active, created_at, updated_at)"
                " VALUES (:id, :workspace_id, 'w', 1, :id, :no, 0, 0)"
            ),
            {"id": workflow_id, "workspace_id": WORKSPACE, "no": False},
        )
    return workflow_id


@pytest.mark.parametrize("may_wait", [True, False])
def test_a_hundred_at_once_with_ten_left(
    database: Database, workspace: str, may_wait: bool
) -> None:
    meter = PlanMeter(ON, "http://here")
    workflow_id = workflow(database)
    with database.writing() as connection:
        many = [used("executions", f"before:{n}") for n in range(990)]
        record(connection, many, NOW)
    given = starts(100, workflow_id, may_wait=may_wait)
    ready = threading.Barrier(10)
    results = []

    def begin(share: Sequence[Incoming]) -> None:
        ready.wait()
        for one in share:
            with database.writing() as connection:
                results.extend(Accept.apply(connection, [Accept(one, meter)]))

    threads = [threading.Thread(target=begin, args=(given[n::10],)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 100
    assert sum(one.refused is None and not one.held for one in results) == 10
    assert total(database) == 1000
    with database.reading() as connection:
        rows = connection.execute(
            text("SELECT held_for, count(*) AS n FROM executions GROUP BY held_for")
        )
        by = {row.held_for: row.n for row in rows}
    assert by == ({None: 10, "executions": 90} if may_wait else {None: 10})
    with database.reading() as connection:
        events = connection.execute(text("SELECT count(*) FROM events")).scalar_one()
    assert events == (100 if may_wait else 10), "what is refused leaves nothing behind"


def test_in_one_group_the_first_ones_run(database: Database, workspace: str) -> None:
    meter = PlanMeter(ON, "http://here")
    workflow_id = workflow(database)
    with database.writing() as connection:
        record(connection, [used("executions", f"b:{n}") for n in range(998)], NOW)
        given = [Accept(one, meter) for one in starts(4, workflow_id)]
        results = Accept.apply(connection, given)
    assert [one.held for one in results] == [False, False, True, True]


def test_a_duplicate_counts_nothing(database: Database, workspace: str) -> None:
    meter = PlanMeter(ON, "http://here")
    (one,) = starts(1, workflow(database), dedup_key="k")
    for _ in range(3):
        with database.writing() as connection:
            Accept.apply(connection, [Accept(one, meter)])
    assert total(database) == 1


def test_a_refused_duplicate_may_come_again(database: Database, workspace: str) -> None:
    meter = PlanMeter(ON, "http://here")
    (one,) = starts(1, workflow(database), dedup_key="k", may_wait=False)
    with database.writing() as connection:
        record(connection, [used("executions", f"b:{n}") for n in range(1000)], NOW)
    with database.writing() as connection:
        (first,) = Accept.apply(connection, [Accept(one, meter)])
    with database.writing() as connection:
        later = replace(one, now=MONTH.end + 1)
        (second,) = Accept.apply(connection, [Accept(later, meter)])
    assert first.refused is not None
    assert second.execution_id
    assert not second.duplicate


def test_sums_are_the_ledgers_however_it_was_filled(database: Database, workspace: str) -> None:
    chance = random.Random(11)
    meters = ("executions", "steps", "ai_input_tokens", "ai_output_tokens", "egress_bytes")
    expected = dict.fromkeys(meters, 0)
    for batch in range(30):
        usages = []
        for number in range(chance.randrange(1, 8)):
            meter = chance.choice(meters)
            moment = chance.uniform(MONTH.start - 3600, MONTH.end + 3600)
            again = chance.random() < 0.2 and batch
            source = f"{batch - 1 if again else batch}:{number}:{meter}"
            usages.append(used(meter, source, chance.randrange(1, 100), moment))
        with database.writing() as connection:
            if batch == 10:
                used_in(connection, workspace, "ai_tokens", MONTH, lock=True)
            known = {
                (row.meter, row.source_id)
                for row in connection.execute(text("SELECT meter, source_id FROM usage_ledger"))
            }
            for one in usages:
                fresh = (one.meter, one.source_id) not in known
                if fresh and MONTH.start <= one.occurred_at < MONTH.end:
                    expected[one.meter] += one.quantity
                known.add((one.meter, one.source_id))
            record(connection, usages, NOW)
    with database.reading() as connection:
        found = recomputed(connection, workspace, MONTH)
        hours = points(connection, workspace, MONTH, "hour")
        days = points(connection, workspace, MONTH, "day")
    assert {name: found[name] for name in meters} == expected
    for name in meters:
        assert sum(row.quantity for row in hours if row.meter == name) == expected[name]
        assert sum(row.quantity for row in days if row.meter == name) == expected[name]
    both = expected["ai_input_tokens"] + expected["ai_output_tokens"]
    assert total(database, "ai_tokens") == both
    assert recompute(database, workspace, MONTH).mended == 0


def test_what_was_bent_is_put_right(database: Database, workspace: str) -> None:
    with database.writing() as connection:
        used_in(connection, workspace, "executions", MONTH, lock=True)
        record(connection, [used("executions", "a"), used("steps", "a")], NOW)
        connection.execute(text("UPDATE usage_hours SET quantity = 7 WHERE meter = 'steps'"))
        connection.execute(text("UPDATE usage_counters SET used = 9"))
    found = recompute(database, workspace, MONTH)
    assert (found.totals["steps"], found.mended) == (1, 2)
    assert recompute(database, workspace, MONTH).mended == 0
    assert total(database) == 1


def test_late_rows_count_where_they_belong(database: Database, workspace: str) -> None:
    last_month = Period(month_of(0.0, MONTH.start - 1).start, MONTH.start)
    with database.writing() as connection:
        used_in(connection, workspace, "executions", last_month, lock=True)
        used_in(connection, workspace, "executions", MONTH, lock=True)
        record(connection, [used("executions", "late", at=MONTH.start - 1)], NOW)
    with database.reading() as connection:
        assert used_in(connection, workspace, "executions", last_month) == 1
        assert used_in(connection, workspace, "executions", MONTH) == 0


def test_overrides_hold_until_they_expire(shop: Shop) -> None:
    body = {
        "workspace_id": shop.person.workspace_id,
        "name": "executions",
        "value": None,
        "reason": "a friend",
        "expires_at": "2026-02-01T00:00:00Z",
    }
    shop.call("POST", "/instance/overrides", body, 201)
    assert shop.subscription()["limits"][0]["included"] is None
    shop.clock.advance(86_400)
    assert shop.subscription()["limits"][0]["included"] == 3


def test_nothing_is_counted_where_billing_is_off(parts: Parts, settings: Settings) -> None:
    assert isinstance(meter_of(settings), NoMeter)
    assert isinstance(parts.engine.meter, PlanMeter)


def test_open_means_no_limits_until_somebody_subscribes(database: Database, workspace: str) -> None:
    with database.reading() as connection:
        held = entitlements_of(connection, BillingSettings(mode=BillingMode.OPEN), workspace, NOW)
    assert held.plan.plan == "self_hosted"
    assert set(held.limits.values()) == {None}
    assert set(held.features.values()) == {True}


def test_trials_of_drafts_are_free(shop: Shop, sign_up: Callable[..., Person]) -> None:
    workflow_id = shop.listen()
    run = f"/workflows/{workflow_id}/run"
    for _ in range(5):
        shop.call("POST", run, {"source": "draft", "wait": 120})
    assert shop.subscription()["limits"][0]["used"] == 0
    for _ in range(3):
        shop.call("POST", run, {"wait": 120})
    shop.call("POST", run, {"wait": 120}, 402)
    steps = shop.rows("SELECT sum(quantity) AS n FROM usage_ledger WHERE meter = 'steps'")
    assert steps[0].n == 16
