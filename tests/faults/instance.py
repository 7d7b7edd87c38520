"""An instance whose parts are started, killed, frozen and started again one by one."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from tests.faults.caller import Caller
from tests.faults.effects import Effects
from tests.faults.history import History
from tests.local_emulator.running import Running
from tests.ports import free_port
from tests.waiting import until


class Deliveries:
    """Events on their way, each tried until it is accepted."""

    def __init__(self, caller: Caller, pool: ThreadPoolExecutor) -> None:
        self._caller = caller
        self._pool = pool
        self._futures: list[Future[Any]] = []

    def __call__(self, path: str, names: Sequence[str]) -> None:
        """Send more events on their way."""
        submit = self._pool.submit
        self._futures.extend(submit(self._caller.deliver, path, name) for name in names)

    @property
    def arrived(self) -> bool:
        """Whether all that were sent so far are accepted."""
        return all(future.done() for future in self._futures)

    def finish(self) -> None:
        """Wait until all are accepted; fails if one never was."""
        for future in self._futures:
            future.result()


class Instance:
    """Gateway, workers and schedulers on one data folder, each a process of this test.

    A part keeps its name over restarts, as under the product's own supervisor: its successor
    takes over its leases.
    """

    def __init__(self, folder: Path, effects: Effects, **environment: str) -> None:
        self.folder = folder
        self.effects = effects
        self.port = free_port()
        self.caller = Caller(self.port)
        database_url = f"sqlite:///{folder}/treadle.db"
        self.environment = {
            "TREADLE_DATA": str(folder),
            "TREADLE_DATABASE_URL": database_url,
            "TREADLE_PORT": str(self.port),
            "TREADLE_PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "TREADLE_SECRET_KEYS": "a key for the tests only",
            "TREADLE_ALLOW_PRIVATE_NETWORK": "127.0.0.1",
            "TREADLE_RUNNER_URL": f"http://127.0.0.1:{free_port()}",
            "PYTHONFAULTHANDLER": "1",
            **environment,
        }
        self.history = History(self.environment["TREADLE_DATABASE_URL"])
        self.parts: dict[str, Running] = {}
        self._clocks: list[str] = []

    def open(self, *workflows: Callable[[str], dict[str, Any]]) -> None:
        """Start the gateway on an empty folder, sign up, switch the workflows on, and observe."""
        self.start("gateway-1")
        self.history.observe()
        self.caller.sign_up()
        self.publish(*workflows)

    def publish(self, *workflows: Callable[[str], dict[str, Any]]) -> None:
        """Switch workflows on."""
        for make in workflows:
            workflow = make(self.effects.url)
            workflow_id = self.caller.publish(workflow)
            if any(node["type"] == "schedule" for node in workflow["nodes"]):
                self._clocks.append(workflow_id)

    def start(self, name: str, module: str = "", **environment: str) -> Running:
        """Start a part; a gateway is waited for until it serves."""
        kind = name.rpartition("-")[0]
        command = [sys.executable, "-m", module or f"local_emulator.parts.{kind}"]
        command += [kind] if module else ["--migrate"] if kind == "gateway" else []
        own = {**self.environment, "TREADLE_PROCESS_NAME": name, **environment}
        part = self.parts[name] = Running(command, own)
        if kind == "gateway" and not environment:
            self.wait_ready()
        return part

    def wait_ready(self) -> None:
        """Wait until the gateway serves."""
        until(self.caller.is_ready, lambda: f"a ready gateway\n{self.log('gateway-1')}")

    def kill(self, name: str) -> None:
        """Kill a part as a power cut does."""
        part = self.parts.pop(name)
        part.process.kill()
        part.finish()

    def stop(self, name: str) -> int:
        """Ask a part to stop; returns its exit code."""
        return self.parts.pop(name).ask_to_stop()

    def freeze(self, name: str) -> None:
        """Stop a part's clockwork in the middle of what it does."""
        self.parts[name].process.send_signal(signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """Let a frozen part go on."""
        self.parts[name].process.send_signal(signal.SIGCONT)

    def log(self, name: str) -> str:
        """The last lines of what a part has said."""
        return "\n".join(self.parts[name].log[-80:])

    def deliver(self, path: str, names: Sequence[str]) -> None:
        """Deliver events side by side, each until it is accepted."""
        with self.delivering() as deliver:
            deliver(path, names)

    @contextmanager
    def delivering(self) -> Iterator[Deliveries]:
        """Deliver events side by side with what the block does; all are accepted at its end."""
        with ThreadPoolExecutor(32) as pool:
            deliveries = Deliveries(self.caller, pool)
            yield deliveries
            deliveries.finish()

    def violations(self, expected: Mapping[str, Sequence[str]]) -> list[str]:
        """Every promise that is broken, once nothing runs any more and no clock starts anything."""
        while self._clocks:
            self.caller.expect(200, "POST", f"/workflows/{self._clocks.pop()}/deactivate")
        self.settle()
        return self.history.violations(self.caller.accepted, self.effects, expected)

    def wait_accepted(self, number: int) -> None:
        """Wait until so many events were accepted in all."""
        until(lambda: len(self.caller.accepted) >= number, f"{number} accepted events")

    def settle(self) -> None:
        """Wait until every execution is in a final state."""
        until(lambda: self.history.unfinished() == 0, self._unsettled)

    def _unsettled(self) -> str:
        logs = "\n".join(f"--- {name}\n{self.log(name)}" for name in self.parts)
        return f"every execution in a final state: {self.history.statuses()}\n{logs}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            self._dump()
        for part in self.parts.values():
            if part.process.poll() is None:
                part.process.kill()
        for part in self.parts.values():
            part.finish()

    def _dump(self) -> None:
        """Print what is open, and where every part stands at this moment."""
        print(self.history.open_executions())
        for name, part in self.parts.items():
            part.process.send_signal(signal.SIGABRT)
            part.finish()
            print(f"--- {name}\n{self.log(name)}")
