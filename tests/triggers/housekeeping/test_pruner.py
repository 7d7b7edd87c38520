"""What a workspace no longer wants to keep goes, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event, insert, select, text

from functions.parts import Parts
from layers.clock import ManualClock
from layers.database.models import EventKey
from layers.settings import BillingMode, BillingSettings
from tests.conftest import Person
from triggers.housekeeping import pace
from triggers.housekeeping.pruner import DAY_S, Pruner

BASE = "/api/v1"
WORKFLOWS = {
    "succeeded": {"name": "good", "nodes": [{"id": "a", "type": "manual"}]},
    "failed": {
        "name": "bad",
        "nodes": [
            {"id": "a", "type": "manual"},
            {"id": "b", "type": "set", "params": {"fields": {"x": "{{ 1 / 0 }}"}}},
        ],
        "connections": [{"from": "a", "to": "b"}],
    },
}


LATER = 10 * DAY_S
"""How much later than the real time everything here is looked at."""


def executions(person: Person, parts: Parts, days_ago: float = LATER / DAY_S) -> None:
    """One execution that succeeded and one that failed, which ended so many days ago."""
    for status, workflow in WORKFLOWS.items():
        made = person.program.post(f"{BASE}/workflows", json=workflow).json()
        run = person.program.post(f"{BASE}/workflows/{made['id']}/run", json={"wait": 120})
        assert run.json()["status"] == status, run.text
        with parts.database.writing() as connection:
            connection.execute(
                text("UPDATE executions SET finished_at = finished_at + :s WHERE id = :id"),
                {"s": LATER - days_ago * DAY_S, "id": run.json()["id"]},
            )


def later(parts: Parts) -> ManualClock:
    return ManualClock(parts.clock.now() + LATER)


def left(person: Person) -> list[str]:
    found = person.program.get(f"{BASE}/executions?limit=200").json()["items"]
    return sorted(one["status"] for one in found)


@pytest.mark.parametrize(
    ("days", "failed_days", "kept"),
    [
        (None, None, ["failed", "failed", "succeeded", "succeeded"]),
        (7, None, ["failed", "succeeded"]),
        (7, 90, ["failed", "failed", "succeeded"]),
        (None, 7, ["failed", "succeeded", "succeeded"]),
        (90, None, ["failed", "failed", "succeeded", "succeeded"]),
    ],
)
def test_executions_go_when_their_time_is_over(
    sign_up: Callable[..., Person],
    parts: Parts,
    days: int | None,
    failed_days: int | None,
    kept: list[str],
) -> None:
    ada, eve = sign_up("Ada"), sign_up("Eve")
    for person in (ada, eve):
        executions(person, parts)
        executions(person, parts, days_ago=0)
    wish = {"days": days, "failed_days": failed_days}
    answer = ada.program.put(f"{BASE}/workspace/retention", json=wish)
    assert answer.status == 200, answer.text
    assert answer.json()["executions"] == 4
    deleted = asyncio.run(Pruner(parts.database, later(parts)).prune_now())
    assert left(ada) == kept
    assert deleted == 4 - len(kept)
    assert left(eve) == ["failed", "failed", "succeeded", "succeeded"]


def test_more_than_one_batch_goes_at_once(
    ada: Person, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "MOST", 1)
    for _ in range(2):
        executions(ada, parts)
    ada.program.put(f"{BASE}/workspace/retention", json={"days": 1})
    assert asyncio.run(Pruner(parts.database, later(parts)).prune_now()) == 4


def test_nonsense_is_refused_by_field(ada: Person) -> None:
    for days in (0, -1, 1.5, "7", 100_000):
        answer = ada.program.put(f"{BASE}/workspace/retention", json={"days": days})
        assert answer.status == 422
        assert answer.json()["errors"][0]["pointer"] == "/days"


@pytest.mark.parametrize("gears", [pace.SQLITE, pace.POSTGRESQL])
def test_a_batch_follows_how_long_the_last_one_held_others_up(gears: pace.Gears) -> None:
    one = pace.Pace(gears)
    assert one.batch == gears.calm.fewest
    for _ in range(20):
        assert one.took(0.0, 0.0) == 0.0
    assert one.batch == pace.MOST
    one.took(gears.calm.hold_s * 0.7, 0.0)
    assert one.batch == pace.MOST
    assert one.took(gears.calm.hold_s * 2, 0.0) == gears.calm.hold_s * 2 * gears.calm.rest
    assert one.batch == pace.MOST // 2
    for _ in range(20):
        one.took(1.0, 0.0)
    assert one.batch == gears.calm.fewest


@pytest.mark.parametrize("gears", [pace.SQLITE, pace.POSTGRESQL])
def test_who_has_fallen_behind_deletes_more_and_rests_less(gears: pace.Gears) -> None:
    one = pace.Pace(gears)
    calm = one.took(1.0, pace.BEHIND_S)
    fewest = one.batch
    assert one.took(1.0, pace.BEHIND_S + 1) < calm
    assert one.batch > fewest
    one.took(gears.calm.hold_s * 1.5, pace.BEHIND_S + 1)
    assert one.batch > fewest, "so long is allowed then"
    for _ in range(20):
        one.took(1.0, 0.0)
    assert one.batch == fewest


def test_looking_asks_no_more_where_there_are_more_workspaces(
    sign_up: Callable[..., Person], parts: Parts
) -> None:
    def asked() -> int:
        statements: list[str] = []

        def note(*given: Any) -> None:
            statements.append(given[2])

        event.listen(parts.database.engine, "before_cursor_execute", note)
        billing = BillingSettings(mode=BillingMode.ON)
        asyncio.run(Pruner(parts.database, parts.clock, billing).prune_now())
        event.remove(parts.database.engine, "before_cursor_execute", note)
        return len(statements)

    sign_up("Ada")
    alone = asked()
    for name in ("Eve", "Bob", "Cid"):
        sign_up(name)
    assert asked() == alone


def test_keys_go_when_their_window_is_over(ada: Person, parts: Parts) -> None:
    clock = later(parts)
    with parts.database.writing() as connection:
        for key, expires_at in (("old", clock.now() - 1), ("new", clock.now() + 1)):
            row = {"source": "s", "dedup_key": key, "execution_id": key}
            row |= {"expires_at": expires_at, "workspace_id": ada.workspace_id}
            connection.execute(insert(EventKey).values(row))
    asyncio.run(Pruner(parts.database, clock).prune_now())
    with parts.database.reading() as connection:
        assert connection.scalars(select(EventKey.dedup_key)).all() == ["new"]
