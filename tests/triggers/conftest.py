"""An app that knows the triggers of these tests, and schedulers beside it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import text

from functions.parts import Parts
from layers.settings import Settings
from tests.conftest import Person
from tests.triggers.feed import BOARDS, Board, all_types
from tests.waiting import PATIENCE_S, until
from triggers.assembly import Parts as SchedulerParts
from triggers.assembly import open_parts
from triggers.scheduling import Scheduler

BASE = "/api/v1"


@pytest.fixture
def parts(make_parts: Callable[..., Parts]) -> Parts:
    return make_parts(registry=all_types())


@pytest.fixture
def board() -> Iterator[Board]:
    """The board that is called ``a``; polls of it do not wait."""
    made = BOARDS["a"] = Board()
    made.open.set()
    yield made
    made.open.set()
    del BOARDS["a"]


@pytest.fixture
def closed_board() -> Iterator[Board]:
    """The board that is called ``closed``; polls of it wait until it is opened."""
    made = BOARDS["closed"] = Board()
    yield made
    made.open.set()
    del BOARDS["closed"]


class Bench:
    """A person with workflows whose triggers listen, and the database that they are in."""

    def __init__(self, person: Person, parts: Parts) -> None:
        self.person = person
        self.parts = parts

    def call(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = self.person.program.request(method, BASE + path, json=body)
        assert answer.status == status, answer.text
        return answer.json() if answer.text else None

    def make(
        self,
        kind: str,
        *,
        credential_id: str | None = None,
        credentials: Mapping[str, str] | None = None,
        **params: Any,
    ) -> str:
        """Make a workflow with such a trigger, without activating it; returns its id."""
        trigger: dict[str, Any] = {"id": "t", "type": kind, "params": params}
        trigger |= {} if credentials is None else {"credentials": credentials}
        trigger |= {} if credential_id is None else {"credential_id": credential_id}
        nodes = [trigger, {"id": "end", "type": "no_op"}]
        body = {"name": kind, "nodes": nodes, "connections": [{"from": "t", "to": "end"}]}
        made: str = self.call("POST", "/workflows", body, 201)["id"]
        return made

    def activate(self, kind: str, **params: Any) -> str:
        """Make one and activate it; takes what ``make`` takes, and returns its id."""
        made = self.make(kind, **params)
        self.call("POST", f"/workflows/{made}/activate")
        return made

    def trigger(self, workflow_id: str) -> Any:
        """As the API tells of it."""
        (found,) = self.call("GET", f"/triggers?workflow_id={workflow_id}")["items"]
        return found

    def row(self, workflow_id: str) -> Any:
        (found,) = self.rows("SELECT * FROM triggers WHERE workflow_id = :id", id=workflow_id)
        return found

    def rows(self, query: str, **values: Any) -> list[Any]:
        with self.parts.database.reading() as connection:
            return list(connection.execute(text(query), values))

    def write(self, query: str, **values: Any) -> None:
        with self.parts.database.writing() as connection:
            connection.execute(text(query), values)

    def started(self, workflow_id: str) -> int:
        """How many executions there are."""
        query = "SELECT count(*) AS n FROM executions WHERE workflow_id = :id"
        return int(self.rows(query, id=workflow_id)[0].n)


@pytest.fixture
def bench(ada: Person, parts: Parts) -> Bench:
    return Bench(ada, parts)


class Running:
    """A scheduler that works in a thread."""

    def __init__(self, settings: Settings, name: str) -> None:
        self.scheduler: Scheduler
        self.parts: SchedulerParts
        self._loop = asyncio.new_event_loop()
        self._settings = settings
        self._name = name
        self._failed: list[BaseException] = []
        self._thread = threading.Thread(target=self._work, name=name)

    def start(self) -> None:
        self._thread.start()
        until(lambda: hasattr(self, "scheduler") or self._failed, "it starts")

    def stop(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self.scheduler.stop)
            self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()
        assert self._failed == []

    def _work(self) -> None:
        try:
            self._loop.run_until_complete(self._run())
        except BaseException as error:
            self._failed.append(error)
        finally:
            self._loop.close()

    async def _run(self) -> None:
        async with open_parts(self._settings, f"{self._name}#1", all_types()) as parts:
            self.parts = parts
            self.scheduler = Scheduler(parts, f"{self._name}#1")
            await self.scheduler.run()


@contextmanager
def scheduling(settings: Settings, name: str = "scheduler") -> Iterator[Running]:
    """A scheduler works beside the block."""
    running = Running(settings, name)
    running.start()
    try:
        yield running
    finally:
        running.stop()
