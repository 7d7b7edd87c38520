"""Two of every part on one PostgreSQL and one Redis, as on two machines, and a runner for both."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.faults.caller import AWAY, Caller
from tests.faults.effects import Call, Effects
from tests.faults.instance import Instance
from tests.local_emulator.running import Running
from tests.ports import free_port
from tests.waiting import PATIENCE_S, until

PARTS = ("gateway-1", "gateway-2", "worker-1", "worker-2", "scheduler-1", "scheduler-2", "runner-1")
RUNS_STEPS = ("gateway", "worker")
LATE_S = 5.0
"""So long a request may lie in a socket of a loaded machine after its sender was killed."""
LONGEST_S = 3000.0
"""What an event that is answered at its end may take, behind all others that run alone."""
ENDED = (200, 202, 204, 409, 410)
"""What says that a wait is over, be it by an earlier call whose answer was lost."""


@dataclass
class AlternatingCaller(Caller):
    """Calls two gateways in turn, as a balancer in front of them does."""

    ports: tuple[int, ...] = ()
    delivered: set[str] = field(default_factory=set)
    """Events that were accepted."""
    _calls: int = 0

    def call(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """One request to the gateway whose turn it is."""
        self._calls += 1
        ports = self.ports or (self.port,)
        one = Caller(ports[self._calls % len(ports)], self.key)
        return one.call(method, path, body, headers)

    def deliver(self, path: str, delivery: str, patience_s: float = LONGEST_S) -> tuple[int, Any]:
        """Deliver an event until it is accepted; one that runs alone may have to wait long."""
        return super().deliver(path, delivery, patience_s)

    def send(self, path: str, delivery: str) -> tuple[int, Any]:
        """Deliver an event once; notes it if it was accepted, answered at once or not."""
        status, answer = super().send(path, delivery)
        if status in (200, 202):
            self.delivered.add(delivery)
        return status, answer


@dataclass
class Kill:
    """When a part was killed, in seconds of the monotonic clock: not before, not after."""

    part: str
    began: float
    ended: float = field(default=0.0)


class Cluster(Instance):
    """Seven processes, each killed and started again under its own name."""

    def __init__(self, folder: Path, effects: Effects, **environment: str) -> None:
        runner = {
            "TREADLE_RUNNER_URL": f"http://127.0.0.1:{free_port()}",
            "TREADLE_RUNNER_TOKEN": "a secret of this test",
        }
        super().__init__(folder, effects, **runner, **environment)
        self._ports = {"gateway-1": self.port, "gateway-2": free_port()}
        self.caller: AlternatingCaller = AlternatingCaller(self.port)
        self.kills: list[Kill] = []
        self._former: list[Running] = []

    def open(self, *workflows: Callable[[str], dict[str, Any]]) -> None:
        """Start everything, sign up, switch the workflows on, and observe."""
        self.launch("gateway-1")
        self.wait_ready()
        self.history.observe()
        self.caller.sign_up()
        self.publish(*workflows)
        for name in PARTS[1:]:
            self.launch(name)
        self.caller.ports = tuple(self._ports.values())
        for port in self._ports.values():
            until(Caller(port).is_ready, lambda: f"a ready gateway\n{self._logs()}")

    def launch(self, name: str) -> None:
        """Start a part without waiting for it."""
        kind = name.rpartition("-")[0]
        module = "sandbox_runner" if kind == "runner" else f"local_emulator.parts.{kind}"
        command = [sys.executable, "-m", module]
        own = {**self.environment, "TREADLE_PROCESS_NAME": name}
        if kind == "gateway":
            command.append("--migrate")
            own["TREADLE_PORT"] = str(self._ports[name])
        if kind == "runner":
            # It works for the product, and has no business with its database.
            own = {key: value for key, value in own.items() if key not in _SECRETS}
        self.parts[name] = Running(command, own)

    def kill_and_replace(self, name: str) -> None:
        """Kill a part as a power cut does, and let its successor begin."""
        kill = Kill(name, time.monotonic())
        self._former.append(self.parts[name])
        self.kill(name)
        kill.ended = time.monotonic()
        self.kills.append(kill)
        self.launch(name)

    def wait_delivered(self, number: int) -> None:
        """Wait until so many events were accepted, be they answered at once or not."""
        until(lambda: len(self.caller.delivered) >= number, f"{number} accepted events")

    def wait_settled(self) -> None:
        """Wait until every execution has ended; fails when none ends for a long time."""
        while left := self.history.unfinished():
            until(partial(self._fewer_than, left), self._stuck)

    def _fewer_than(self, number: int) -> bool:
        threading.Event().wait(0.5)
        return self.history.unfinished() < number

    def _stuck(self) -> str:
        return f"{self.history.statuses()}\n{self.history.open_executions()}\n{self._logs()}"

    def _logs(self) -> str:
        return "\n".join(f"--- {name}\n{self.log(name)}" for name in self.parts)

    def remarks(self) -> list[str]:
        """What parts have said of leases, those that were killed as well."""
        said = [line for part in (*self._former, *self.parts.values()) for line in part.log]
        return [line for line in said if "lease" in line or "took over" in line]

    def repeats_without_a_kill(self) -> list[str]:
        """Effects that were seen twice although nobody was killed between the two requests."""
        hits = [kill for kill in self.kills if kill.part.rpartition("-")[0] in RUNS_STEPS]
        return [
            f"{key} was asked for at {first.at:.1f} and again at {second.at:.1f} without a kill:"
            f" {[(kill.part, round(kill.began, 1)) for kill in hits]}"
            for key, calls in self.effects.by_key().items()
            for first, second in pairwise(calls)
            if not any(_is_between(kill, first, second) for kill in hits)
        ]


def _is_between(kill: Kill, first: Call, second: Call) -> bool:
    return first.at <= kill.ended + LATE_S and kill.began <= second.at


_SECRETS = frozenset({"TREADLE_SECRET_KEYS", "TREADLE_DATABASE_URL"})


class Answering:
    """Somebody outside who calls the addresses back that requests have brought to him."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._seen = 0
        self._called: dict[str, str] = {}
        self._stop = threading.Event()
        self.statuses: Counter[int] = Counter()
        self._pool = ThreadPoolExecutor(8)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Answering:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._pool.shutdown(cancel_futures=True)

    def _run(self) -> None:
        while not self._stop.wait(0.05):
            calls = self._cluster.effects.calls()
            fresh, self._seen = calls[self._seen :], len(calls)
            for call in fresh:
                address = call.body.get("callback") if isinstance(call.body, dict) else None
                if address and call.key not in self._called:
                    self._called[call.key] = address
                    self._pool.submit(self._call, address)

    def _call(self, address: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not self._stop.is_set() and time.monotonic() < deadline:
            try:
                status, _ = self._cluster.caller.call("POST", urlsplit(address).path, {"said": 1})
            except AWAY:
                status = 0
            self.statuses[status] += 1
            if status in ENDED:
                return
            self._stop.wait(0.2)


def crowd(calls: list[Call], step: str) -> list[str]:
    """Requests of a step that came while one of another execution was being answered."""
    found = []
    inside: dict[str, list[Call]] = defaultdict(list)
    for call in calls:
        if isinstance(call.body, dict) and call.body.get("step") == step:
            inside[step].append(call)
    ordered = sorted(inside[step], key=lambda call: call.at)
    for first, second in pairwise(ordered):
        others = first.key.partition(":")[0] != second.key.partition(":")[0]
        if others and (first.until is None or second.at < first.until):
            found.append(f"{second.key} began {step} while {first.key} was at it")
    return found
