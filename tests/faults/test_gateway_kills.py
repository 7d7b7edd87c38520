"""Event streams whose gateway is killed: who read one goes on at another and misses nothing."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.faults import workflows
from tests.faults.caller import Caller
from tests.faults.effects import Effects
from tests.faults.instance import Instance
from tests.ports import free_port
from tests.waiting import PATIENCE_S, until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]
ROUNDS = 60
"""So often the execution's loop goes round, each time with an outcome that is told."""


@dataclass
class Told:
    """What a stream has told, and where one goes on."""

    events: list[tuple[str, Any]] = field(default_factory=list)
    last_id: str = ""
    gone: bool = False
    """The connection has ended, be it orderly or not."""

    def of(self, name: str) -> list[Any]:
        """The data of all events of this name."""
        return [data for kind, data in self.events if kind == name]


class Reader:
    """Reads a stream in a thread of its own, until its server is gone or has said all."""

    def __init__(self, port: int, key: str, path: str, told: Told) -> None:
        self._told = told
        told.gone = False
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        headers = {"authorization": f"Bearer {key}"}
        if told.last_id:
            headers["last-event-id"] = told.last_id
        self._connection.request("GET", f"/api/v1{path}", headers=headers)
        self._answer = self._connection.getresponse()
        assert self._answer.status == 200
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """Wait until it has read to the end."""
        self._thread.join(PATIENCE_S)
        assert self._told.gone

    def _read(self) -> None:
        try:
            self._read_lines()
        except (OSError, http.client.HTTPException):
            pass
        finally:
            self._told.gone = True

    def _read_lines(self) -> None:
        event: dict[str, str] = {}
        for line in self._answer:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name:
                event[name] = value
            elif "data" in event:
                # An event whose end did not arrive is none.
                self._told.events.append((event["event"], json.loads(event["data"])))
                self._told.last_id = event.get("id", self._told.last_id)
                event = {}
            else:
                event = {}


class TwoGateways(Instance):
    """Two gateways and a worker on one database."""

    def __init__(self, folder: Path, effects: Effects, **environment: str) -> None:
        super().__init__(folder, effects, **environment)
        self.second = Caller(free_port())

    def open_all(self) -> None:
        """Start all of it."""
        self.open()
        self.start("gateway-2", TREADLE_PORT=str(self.second.port))
        self.second.key = self.caller.key
        until(self.second.is_ready, lambda: self.log("gateway-2"))
        self.start("worker-1")


@pytest.fixture
def gateways(tmp_path: Path, effects: Effects, database_url: str) -> Iterator[TwoGateways]:
    """On each database."""
    with TwoGateways(tmp_path, effects, TREADLE_DATABASE_URL=database_url) as found:
        found.open_all()
        yield found


@contextmanager
def gated(effects: Effects) -> Iterator[None]:
    """Hold back what is called in the block."""
    effects.close_gate()
    try:
        yield
    finally:
        effects.open_gate()


def rounds(url: str) -> dict[str, Any]:
    """A workflow that calls for each item, one after the other."""
    return {
        "name": "Rounds",
        "nodes": [
            {"id": "start", "type": "manual"},
            {"id": "loop", "type": "loop", "params": {"batch_size": 1}},
            workflows.effect(url, "call", {"n": "{{ item.n }}"}),
        ],
        "connections": [
            {"from": "start", "to": "loop"},
            {"from": "loop", "from_port": "batch", "to": "call"},
            {"from": "call", "to": "loop"},
        ],
    }


def started(gateways: TwoGateways, number: int) -> str:
    made = gateways.caller.expect(201, "POST", "/workflows", rounds(gateways.effects.url))
    items = [{"n": n} for n in range(number)]
    run = gateways.caller.expect(202, "POST", f"/workflows/{made['id']}/run", {"items": items})
    return str(run["execution_id"])


def test_who_follows_an_execution_goes_on_at_another_gateway(gateways: TwoGateways) -> None:
    told = Told()
    effects = gateways.effects
    with gated(effects):
        execution = started(gateways, ROUNDS)
        path = f"/executions/{execution}/events"
        first = Reader(gateways.port, gateways.caller.key, path, told)
        until(lambda: effects.by_key(), "the first call")
    until(lambda: len(told.of("step")) > ROUNDS // 4, lambda: f"events: {told.events}")
    gateways.kill("gateway-1")
    first.finish()
    cut_at = len(told.events)
    Reader(gateways.second.port, gateways.second.key, path, told).finish()
    assert told.events[-1] == ("end", {"status": "succeeded"})
    assert cut_at < len(told.events)
    ended = [
        (step["node_id"], step["run_index"])
        for step in told.of("step")
        if step["status"] == "succeeded"
    ]
    assert len(ended) == len(set(ended)), "nothing is told twice"
    recorded = gateways.second.expect(200, "GET", f"/executions/{execution}")["steps"]
    assert set(ended) == {(step["node_id"], step["run_index"]) for step in recorded}
    states = [(s["node_id"], s["run_index"], s["status"], s["attempt"]) for s in told.of("step")]
    assert len(states) == len(set(states)), "nor is a step's state"


def test_who_follows_a_workspace_hears_at_another_gateway_what_was_missed(
    gateways: TwoGateways,
) -> None:
    told = Told()
    path = "/workspace/changes"
    first = Reader(gateways.port, gateways.caller.key, path, told)
    until(lambda: len(told.events) >= 2, "the first events")
    gateways.kill("gateway-1")
    first.finish()
    # While nobody listens, something ends.
    gateways.caller = gateways.second
    execution = started(gateways, 1)
    ended = ("succeeded", "failed")
    until(lambda: status(gateways, execution) in ended, "its end")
    before = len(told.events)
    Reader(gateways.second.port, gateways.second.key, path, told)
    until(lambda: len(told.events) > before, "an event at once")
    name, data = told.events[before]
    assert (name, "executions" in data["kinds"]) == ("changed", True)


def status(gateways: TwoGateways, execution: str) -> str:
    return str(gateways.second.expect(200, "GET", f"/executions/{execution}")["status"])
