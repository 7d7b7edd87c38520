"""Streams of events: they cost nothing while nothing happens, and miss and repeat nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import event

from functions.http import event_stream
from functions.main import build_app
from functions.worker import Worker
from layers.database import Database
from layers.sandbox.port import OnLog, SandboxRequest, SandboxResult
from layers.settings import Settings
from tests.channel.test_channel import end_listeners
from tests.engine.harness import Saved, Stage, chain, node, played
from tests.engine.test_python_steps import CODE, ActedSandbox, ok
from tests.http.streaming import Stream, Told, post, reading

BASE = "/api/v1"


@pytest.fixture
def stage(settings: Settings) -> Stage:
    """The process that answers; it runs nothing."""
    return Stage(settings, with_worker=False)


@dataclass
class Gateway:
    """The app of the process that answers, and somebody's key."""

    app: Any
    key: str

    def reading(self, execution_id: str, last_event_id: str = "") -> Any:
        """Follow an execution."""
        path = f"{BASE}/executions/{execution_id}/events"
        return reading(self.app, path, self.key, last_event_id)


async def gateway(stage: Stage) -> Gateway:
    app = build_app(stage.parts)
    person = {"email": "ada@example.com", "password": "correct horse battery", "name": "Ada"}
    signed_up = await post(app, f"{BASE}/auth/signup", person)
    stage._home = signed_up["workspace"]["id"]
    return Gateway(app, signed_up["api_key"])


class Steered:
    """A Python step that prints what it is told to, and ends when it is told to."""

    def __init__(self) -> None:
        self._orders: asyncio.Queue[str] = asyncio.Queue()
        self._all = ""

    def prints(self, text: str) -> None:
        self._orders.put_nowait(text)

    def ends(self) -> None:
        self._orders.put_nowait("")

    async def act(self, request: SandboxRequest, on_log: OnLog) -> SandboxResult:
        while text := await self._orders.get():
            self._all += text
            on_log("stdout", text)
        return ok(request, self._all)


@asynccontextmanager
async def another_process(stage: Stage, step: Steered) -> AsyncIterator[None]:
    """A worker with parts of its own, which runs what the gateway accepts."""
    parts = stage.build()
    parts.engine.services.sandbox = ActedSandbox(step.act)
    worker = Worker(parts)
    work = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        worker.stop()
        await work
        await parts.close()


def printing(stage: Stage) -> Saved:
    nodes = [node("start", "manual"), node("code", "python", {"code": CODE})]
    return stage.save(nodes, chain("start", "code"))


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(*given: Any) -> None:
        statements.append(given[2])

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


async def statements_during(stage: Stage, stream: Stream, signs_of_life: int) -> list[str]:
    """What the gateway asks its database while so many signs of life come in a row."""
    with counted(stage.parts.database) as statements:
        seen = 0
        while seen < signs_of_life:
            seen = 0 if (await stream.next()).name else seen + 1
    return statements


async def printed(stream: Stream, text: str) -> list[Told]:
    """The events until all of this was printed."""
    found: list[Told] = []
    while "".join(one.data["text"] for one in found if one.name == "log") != text:
        found += await stream.until("log")
    return found


@played
async def test_while_nothing_happens_a_stream_costs_no_statement(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = Steered()
    home = await gateway(stage)
    async with another_process(stage, step):
        execution = await stage.start(printing(stage))
        async with home.reading(execution) as stream:
            step.prints("one\n")
            await printed(stream, "one\n")
            monkeypatch.setattr(event_stream, "SIGN_OF_LIFE_S", 0.01)
            # Some looks may have been asked for before.
            while await statements_during(stage, stream, 10):
                pass
            assert await statements_during(stage, stream, 30) == []
            step.prints("two\n")
            assert (await stream.until("log"))[-1].data["text"] == "two\n"
            step.ends()
            assert (await stream.until("end"))[-1].data == {"status": "succeeded"}


@played
async def test_who_was_cut_off_goes_on_without_a_gap_or_a_repetition(stage: Stage) -> None:
    step = Steered()
    home = await gateway(stage)
    async with another_process(stage, step):
        execution = await stage.start(printing(stage))
        step.prints("one\n")
        async with home.reading(execution) as stream:
            before = await printed(stream, "one\n")
        step.prints("two\n")
        step.prints("three\n")
        async with home.reading(execution, before[-1].id) as stream:
            between = await printed(stream, "two\nthree\n")
        step.prints("four\n")
        step.ends()
        async with home.reading(execution, between[-1].id) as stream:
            after = await stream.until("end")
    told = before + between + after
    assert "".join(one.data["text"] for one in told if one.name == "log") == (
        "one\ntwo\nthree\nfour\n"
    )
    statuses = [one.data["status"] for one in told if one.name == "status"]
    assert statuses[-2:] == ["running", "succeeded"]
    assert statuses[:-2] in ([], ["queued"])
    states = [(one.data["node_id"], one.data["status"]) for one in told if one.name == "step"]
    assert states == [("start", "succeeded"), ("code", "running"), ("code", "succeeded")]


@played
async def test_a_lost_connection_loses_nothing(stage: Stage, database_url: str) -> None:
    if database_url.startswith("sqlite"):
        pytest.skip("there is no connection to lose")
    step = Steered()
    home = await gateway(stage)
    async with another_process(stage, step):
        execution = await stage.start(printing(stage))
        async with home.reading(execution) as stream:
            step.prints("one\n")
            await printed(stream, "one\n")
            await asyncio.to_thread(end_listeners, database_url)
            step.prints("two\n")
            await printed(stream, "two\n")
            step.ends()
            await stream.until("end")


@played
async def test_a_server_that_ends_ends_streams_in_which_nothing_happens(stage: Stage) -> None:
    from local_emulator.parts.streams import Streams

    home = await gateway(stage)
    streams = Streams(home.app)
    home.app = streams
    execution = await stage.start(printing(stage))
    path = f"{BASE}/executions/{execution}/events"
    async with reading(streams, path, home.key) as stream:
        await stream.until("status")
        assert streams._bells
        streams.end()
        while streams._bells:
            await asyncio.sleep(0)
