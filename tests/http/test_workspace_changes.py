"""Who looks at a workspace's lists is told of changes, costs nothing else, and delays nobody."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from functions.http import event_stream
from functions.http.people import workspace_changes
from functions.main import build_app
from functions.parts import Parts
from functions.worker import Worker
from layers.database.changes import Kind, note_lists
from layers.settings import Settings
from tests.channel.test_channel import end_listeners
from tests.engine.harness import Saved, Stage, node, played
from tests.engine.test_python_steps import ActedSandbox
from tests.http.streaming import Stream, post, reading
from tests.http.test_event_streams import Steered, counted, printing
from tests.waiting import PATIENCE_S

BASE = "/api/v1"
PATH = f"{BASE}/workspace/changes"


@pytest.fixture
def stage(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """The process that answers; it runs nothing."""
    monkeypatch.setattr(workspace_changes, "PACE_S", 0.01)
    monkeypatch.setattr(workspace_changes, "ONCE_MORE_S", 0.05)
    return Stage(settings, with_worker=False)


class Gateway:
    """The app of a process that answers, and a person who has a workspace."""

    def __init__(self, app: Any, person: Any) -> None:
        self.app = app
        self.key: str = person["api_key"]
        self.workspace_id: str = person["workspace"]["id"]

    def following(self) -> Any:
        """Follow the person's workspace."""
        return reading(self.app, PATH, self.key)


async def gateway(stage: Stage, name: str = "ada") -> Gateway:
    stage.parts.followed.start()
    app = build_app(stage.parts)
    person = {"email": f"{name}@example.com", "password": "correct horse battery", "name": name}
    return Gateway(app, await post(app, f"{BASE}/auth/signup", person))


@asynccontextmanager
async def another_process(stage: Stage, step: Steered | None = None) -> AsyncIterator[Parts]:
    """A worker with parts of its own, which has heard who is followed."""
    parts = stage.build()
    if step is not None:
        parts.engine.services.sandbox = ActedSandbox(step.act)
    worker = Worker(parts)
    work = asyncio.create_task(worker.run())
    try:
        yield parts
    finally:
        worker.stop()
        await work
        await parts.close()


async def knows(parts: Parts, workspace_id: str) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while workspace_id not in parts.followed._until:
            await asyncio.sleep(0.01)


def change(parts: Parts, workspace_id: str, kind: Kind = Kind.TRIGGERS) -> None:
    with parts.database.writing() as connection:
        note_lists(connection, kind, [workspace_id])


async def kinds(stream: Stream) -> list[str]:
    """What the next event names."""
    told = (await stream.until("changed"))[-1].data["kinds"]
    assert isinstance(told, list)
    return told


async def until_told(stream: Stream, kind: Kind) -> None:
    while kind not in await kinds(stream):
        pass


async def rest(stream: Stream) -> None:
    """Read until a hundred signs of life come one after the other."""
    seen = 0
    while seen < 100:
        seen = 0 if (await stream.next()).name else seen + 1


def of(home: Gateway, stage: Stage) -> Saved:
    stage._home = home.workspace_id
    return stage.save([node("start", "manual")])


@played
async def test_the_first_event_names_every_kind(stage: Stage) -> None:
    home = await gateway(stage)
    async with home.following() as stream:
        assert await kinds(stream) == ["executions", "triggers", "billing"]


@played
async def test_while_nothing_happens_it_costs_no_statement(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "SIGN_OF_LIFE_S", 0.01)
    monkeypatch.setattr(event_stream, "LOOK_ANYWAY_S", 0.1)
    home = await gateway(stage)
    saved = of(home, stage)
    async with another_process(stage) as worker, home.following() as stream:
        await knows(worker, home.workspace_id)
        await stage.start(saved)
        await until_told(stream, Kind.EXECUTIONS)
        # Last words come, and it looks whether something runs; what it asked ten times a second
        # would never end.
        while True:
            with counted(stage.parts.database) as statements:
                await rest(stream)
            if not statements:
                break
        await stage.start(saved)
        await until_told(stream, Kind.EXECUTIONS)


@played
async def test_what_another_process_does_is_told(stage: Stage) -> None:
    step = Steered()
    home = await gateway(stage)
    stage._home = home.workspace_id
    async with another_process(stage, step) as worker, home.following() as stream:
        await knows(worker, home.workspace_id)
        await stage.start(printing(stage))
        step.prints("begun\n")
        await until_told(stream, Kind.EXECUTIONS)
        step.ends()
        while not await ended(home):
            await until_told(stream, Kind.EXECUTIONS)


async def ended(home: Gateway) -> bool:
    found = await get(home, f"{BASE}/executions")
    return [one["status"] for one in found["items"]] == ["succeeded"]


async def get(home: Gateway, path: str) -> Any:
    async with reading(home.app, path, home.key) as stream:
        return json.loads(await asyncio.wait_for(stream.sent.get(), PATIENCE_S))


@played
async def test_other_workspaces_are_not_told_of(stage: Stage) -> None:
    ada, grace = await gateway(stage), await gateway(stage, "grace")
    async with (
        another_process(stage) as worker,
        ada.following() as stream,
        grace.following() as others,
    ):
        for home in (ada, grace):
            await knows(worker, home.workspace_id)
        # What is told once more after the beginning.
        for _ in range(2):
            await kinds(stream)
            await kinds(others)
        await asyncio.to_thread(change, worker, ada.workspace_id)
        assert await kinds(stream) == ["triggers"]
        await asyncio.to_thread(change, worker, grace.workspace_id, Kind.EXECUTIONS)
        assert await kinds(others) == ["executions"]


@played
async def test_a_lost_connection_loses_nothing(stage: Stage, database_url: str) -> None:
    if database_url.startswith("sqlite"):
        pytest.skip("there is no connection to lose")
    home = await gateway(stage)
    async with another_process(stage) as worker, home.following() as stream:
        await knows(worker, home.workspace_id)
        for _ in range(2):
            await kinds(stream)
        await asyncio.to_thread(end_listeners, database_url)
        await asyncio.to_thread(change, worker, home.workspace_id)
        await until_told(stream, Kind.TRIGGERS)


@played
async def test_a_reader_who_stalls_piles_nothing_up_and_delays_nobody(stage: Stage) -> None:
    home = await gateway(stage)
    async with (
        another_process(stage) as worker,
        home.following() as stalled,
        home.following() as stream,
    ):
        await knows(worker, home.workspace_id)
        for _ in range(2):
            await kinds(stream)
        for turn in range(30):
            kind = Kind.TRIGGERS if turn % 2 else Kind.EXECUTIONS
            await asyncio.to_thread(change, worker, home.workspace_id, kind)
            await until_told(stream, kind)
        # One was sent, one waits to be, and what has happened since is one more.
        assert await kinds(stalled) == ["executions", "triggers", "billing"]
        told = [await kinds(stalled), await kinds(stalled)]
        assert told[-1][:2] == ["executions", "triggers"]
        await asyncio.to_thread(change, worker, home.workspace_id, Kind.BILLING)
        assert await kinds(stalled) == ["billing"]


@played
async def test_events_come_no_more_often_than_lists_can_be_read(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace_changes, "PACE_S", PATIENCE_S)
    monkeypatch.setattr(event_stream, "SIGN_OF_LIFE_S", 0.01)
    home = await gateway(stage)
    async with home.following() as stream, home.following() as marker:
        await kinds(stream)
        await kinds(marker)
        await knows(stage.parts, home.workspace_id)
        for _ in range(5):
            await asyncio.to_thread(change, stage.parts, home.workspace_id)
        monkeypatch.setattr(workspace_changes, "PACE_S", 0.0)
        async with home.following() as later:
            await kinds(later)
            await asyncio.to_thread(change, stage.parts, home.workspace_id)
            await until_told(later, Kind.TRIGGERS)
        assert stream.sent.empty()
        assert marker.sent.empty()


@played
async def test_while_something_runs_one_looks_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "LOOK_ANYWAY_S", 0.05)
    home = await gateway(stage)
    saved = of(home, stage)
    # As if every word of it had been lost: this process tells nobody.
    stage.parts.database.announcer = None
    await stage.start(saved)
    async with home.following() as stream:
        for _ in range(2):
            await kinds(stream)
        for _ in range(3):
            assert await kinds(stream) == ["executions"]


@played
async def test_who_is_put_out_is_told_no_more(stage: Stage) -> None:
    home = await gateway(stage)
    async with another_process(stage) as other, home.following() as stream:
        for _ in range(2):
            await kinds(stream)
        keys = (await get(home, f"{BASE}/api-keys"))["items"]
        elsewhere = build_app(other)
        await delete(elsewhere, f"{BASE}/api-keys/{keys[0]['id']}", home.key)
        async with asyncio.timeout(PATIENCE_S):
            while not stream.ended.is_set():
                await asyncio.sleep(0.01)


async def delete(app: Any, path: str, key: str) -> None:
    async with reading(app, path, key, method="DELETE") as stream:
        async with asyncio.timeout(PATIENCE_S):
            await stream.ended.wait()
        assert stream.status == 204
