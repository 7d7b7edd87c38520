"""One pass at a time: by command, as a function, beside a scheduler and beside itself."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from starlette.requests import Request

from functions.parts import Parts
from layers.clock import ManualClock
from layers.contract import Poll
from layers.database import Database
from layers.settings import Settings
from local_emulator.kinship import die_with_parent
from tests.conftest import KEYS, Person
from tests.ports import free_port
from tests.waiting import PATIENCE_S, until
from triggers import targets
from triggers.assembly import open_parts
from triggers.due import DueQuery
from triggers.housekeeping.pruner import Pruner
from triggers.passes import PASSES, run_pass
from triggers.scheduling import Scheduler
from triggers.sources import schedule

BASE = "/api/v1"
TREADLE = str(Path(sys.executable).with_name("treadle"))
HOURLY = {
    "name": "hourly",
    "nodes": [
        {"id": "clock", "type": "schedule", "params": {"every_s": 3600}},
        {"id": "end", "type": "no_op"},
    ],
    "connections": [{"from": "clock", "to": "end"}],
}
MANY = 60
LONG_AGO = "2026-01-01T00:00:00.000Z"


def activate(person: Person, number: int = 1) -> None:
    for _ in range(number):
        made = person.program.post(f"{BASE}/workflows", json=HOURLY).json()
        answer = person.program.post(f"{BASE}/workflows/{made['id']}/activate")
        assert answer.status == 200, answer.text


def make_due(parts: Parts) -> None:
    """Let an hour pass, for the triggers."""
    with parts.database.writing() as connection:
        connection.execute(
            text("UPDATE triggers SET due_at = :past, cursor = :cursor"),
            {
                "past": parts.clock.now() - 1,
                "cursor": json.dumps({"last": "2026-01-01T00:00:00.000Z"}),
            },
        )


def rows(parts: Parts, query: str) -> list[Any]:
    with parts.database.reading() as connection:
        return list(connection.execute(text(query)))


def at_once(*calls: Callable[[], object]) -> None:
    failures: list[BaseException] = []
    begin = threading.Barrier(len(calls))

    def call(wanted: Callable[[], object]) -> None:
        begin.wait(PATIENCE_S)
        try:
            wanted()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=call, args=(one,)) for one in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def one_pass(settings: Settings, name: str) -> str:
    done = asyncio.run(run_pass(name, settings))
    assert done.failures == ()
    return done.text


def environment(settings: Settings) -> dict[str, str]:
    return {
        **os.environ,
        "TREADLE_DATA": str(settings.storage.folder),
        "TREADLE_DATABASE_URL": settings.storage.database_url,
        "TREADLE_SECRET_KEYS": KEYS,
    }


def treadle(settings: Settings, *command: str, **changed: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [TREADLE, *command],
        capture_output=True,
        text=True,
        check=False,
        env=environment(settings) | changed,
    )


def test_three_passes_and_a_scheduler_at_once_start_everything_once(
    ada: Person, parts: Parts, settings: Settings
) -> None:
    activate(ada, MANY)
    make_due(parts)

    def scheduling() -> None:
        asyncio.run(_schedule(settings))

    at_once(*(lambda: one_pass(settings, "poll") for _ in range(3)), scheduling)
    # What another one had claimed may have been left to it when the last of them looked.
    one_pass(settings, "poll")
    started = rows(parts, "SELECT workflow_id, count(*) AS n FROM executions GROUP BY workflow_id")
    assert len(started) == MANY
    assert {row.n for row in started} == {1}
    assert rows(parts, "SELECT 1 FROM triggers WHERE lease_owner IS NOT NULL") == []


async def _schedule(settings: Settings) -> None:
    async with open_parts(settings, "scheduler#test") as opened:
        scheduler = Scheduler(opened, "scheduler#test")
        working = asyncio.create_task(scheduler.run())
        # Not the scheduler's own look, which one thread uses.
        due_query = DueQuery(opened.database, opened.clock, {})
        while (due_query().polls or 0) <= opened.clock.now():
            await asyncio.sleep(0.01)
        due_query.close()
        scheduler.stop()
        await working


def test_a_source_that_is_always_due_does_not_keep_a_pass(
    ada: Person, parts: Parts, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    activate(ada)
    make_due(parts)
    polls: list[float] = []

    def always(_params: object, cursor: object, ctx: Any) -> Poll:
        polls.append(ctx.now)
        return Poll((), cursor, next_at=ctx.now)

    monkeypatch.setattr(type(schedule.trigger), "poll", property(lambda _self: always))
    assert one_pass(settings, "poll") == "Triggers polled: 1."
    assert len(polls) == 1


def test_two_prunings_at_once_delete_everything_once(
    ada: Person, parts: Parts, settings: Settings
) -> None:
    made = ada.program.post(
        f"{BASE}/workflows", json={"name": "w", "nodes": [{"id": "a", "type": "manual"}]}
    ).json()
    for _ in range(20):
        run = ada.program.post(f"{BASE}/workflows/{made['id']}/run", json={"wait": 120})
        assert run.json()["status"] == "succeeded", run.text
    wish = {"days": 1, "failed_days": None}
    assert ada.program.put(f"{BASE}/workspace/retention", json=wish).status == 200
    clock = ManualClock(parts.clock.now() + 3 * 86_400)
    databases = [Database(settings.storage.database_url) for _ in range(2)]
    pruners = [Pruner(one, clock) for one in databases]
    deleted: list[int] = []
    at_once(*(lambda one=one: deleted.append(asyncio.run(one.prune_now())) for one in pruners))
    for one in databases:
        one.close()
    assert sum(deleted) == 20
    assert rows(parts, "SELECT 1 FROM executions") == []


@pytest.mark.parametrize("name", PASSES)
def test_each_is_a_command_that_ends_with_0(
    ada: Person, parts: Parts, settings: Settings, name: str
) -> None:
    activate(ada)
    make_due(parts)
    done = treadle(settings, name)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    started = rows(parts, "SELECT 1 FROM executions")
    assert len(started) == (1 if name == "poll" else 0)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", PASSES)
def test_a_database_of_another_version_ends_it_with_1_and_the_remedy(
    settings: Settings, tmp_path: Path, name: str
) -> None:
    url = f"sqlite:///{tmp_path / 'another.db'}"
    done = treadle(settings, name, TREADLE_DATABASE_URL=url)
    assert (done.returncode, done.stdout) == (1, "")
    assert "treadle migrate" in done.stderr


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_database_that_is_away_ends_it_with_1_in_one_line(settings: Settings) -> None:
    url = f"postgresql://treadle:hidden@127.0.0.1:{free_port()}/treadle"
    done = treadle(settings, "poll", TREADLE_DATABASE_URL=url)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("treadle: the database cannot be used: ")
    assert "hidden" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_reconciling_with_a_stripe_that_is_away_ends_with_1(
    ada: Person, parts: Parts, settings: Settings
) -> None:
    with parts.database.writing() as connection:
        connection.execute(
            text(
                "UPDATE billing_accounts SET customer_id = 'cus_1', livemode = false"
                " WHERE workspace_id = :id"
            ),
            {"id": ada.workspace_id},
        )
    done = treadle(
        settings,
        "reconcile",
        STRIPE_API_KEY="sk_test_x",
        STRIPE_API_BASE=f"http://127.0.0.1:{free_port()}",
    )
    assert done.returncode == 1, (done.stdout, done.stderr)
    assert f"account {ada.workspace_id}" in done.stderr


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_each_is_a_function_too(ada: Person, parts: Parts, settings: Settings) -> None:
    listed = treadle(settings, "functions", "list").stdout.split()
    assert {f"pass.{name}" for name in PASSES} <= set(listed)
    activate(ada)
    make_due(parts)
    port = free_port()
    served = subprocess.Popen(
        [TREADLE, "functions", "serve", "pass.poll", "--port", str(port)],
        env=environment(settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=die_with_parent(),
    )
    try:
        until(lambda: answer(port, "GET")[0] == 405, "the function is served")
        assert rows(parts, "SELECT 1 FROM executions") == []
        assert answer(port, "POST") == (200, {"done": "Triggers polled: 1."})
        assert answer(port, "POST") == (200, {"done": "Triggers polled: 0."})
        assert len(rows(parts, "SELECT 1 FROM executions")) == 1
    finally:
        os.killpg(served.pid, 15)
        served.wait(PATIENCE_S)


def test_a_function_whose_database_is_away_says_when_to_call_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TREADLE_DATA", str(tmp_path))
    monkeypatch.setenv("TREADLE_SECRET_KEYS", KEYS)
    url = f"postgresql+psycopg://treadle@127.0.0.1:{free_port()}/treadle"
    monkeypatch.setenv("TREADLE_DATABASE_URL", url)
    asked = Request({"type": "http", "method": "POST", "headers": []})
    told = asyncio.run(targets.answer("pass.poll", asked))
    assert (told.status_code, told.headers["retry-after"]) == (503, "5")
    assert told.headers["content-type"] == "application/problem+json"
    assert "database" in json.loads(bytes(told.body))["detail"]


def answer(port: int, method: str) -> tuple[int, Any]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/", method=method)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as found:
            return found.status, json.load(found)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
    except OSError:
        return 0, None
