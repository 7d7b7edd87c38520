"""A real runner on a free port, driven through the product's own client."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import psutil
import pytest

from layers.sandbox import RunnerClient, SandboxLimits, SandboxRequest, SandboxResult
from layers.settings.runner import find_runsc_path
from local_emulator.kinship import die_with_parent
from tests.waiting import PATIENCE_S, until

REPOSITORY = Path(__file__).resolve().parents[2]
TOKEN = "a secret of this test"
ENOUGH_S = 120
"""What a run may take that is not about time: more than it needs on a loaded machine."""
T = TypeVar("T")


def require_runsc() -> None:
    """Skip loudly where there is no runsc or no rootfs; fail where CI promises them."""
    rootfs = Path(os.environ.get("TREADLE_SANDBOX_ROOTFS", REPOSITORY / ".sandbox/rootfs"))
    if find_runsc_path(os.environ).exists() and rootfs.exists():
        return
    leave_out("no runsc or no sandbox root here; run 'make setup' first.")


def leave_out(reason: str) -> NoReturn:
    """Skip loudly, or fail where CI promises what is missing."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"NOT TESTED: {reason}")
    pytest.skip(f"NOT TESTED: {reason}")


class RunnerProcess:
    """A runner process, its client, and a loop to call it from plain tests."""

    def __init__(self, data: Path, *, refuses: bool = False, **environment: str) -> None:
        self.data = data
        self.refuses = refuses
        self.environment = {
            "PATH": os.environ["PATH"],
            "TREADLE_DATA": str(data),
            "TREADLE_RUNNER_URL": "http://127.0.0.1:0",
            "TREADLE_RUNNER_TOKEN": TOKEN,
            "SECRET_OF_THE_HOST": "must never be seen inside",
            **{k: v for k, v in os.environ.items() if k.startswith("TREADLE_SANDBOX")},
            **{k: v for k, v in os.environ.items() if k == "TREADLE_RUNSC"},
            **environment,
        }
        self.loop = asyncio.new_event_loop()
        self.start()

    def start(self) -> None:
        """Start the process and wait until it serves, or refuses if it is to do that."""
        self.log = (self.data.parent / f"{self.data.name}.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.sandbox_runner.patient"],
            cwd=REPOSITORY,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=self.log,
            preexec_fn=die_with_parent(),
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline().decode()
        if "listens on" not in line:
            code = self.process.wait()
            raise RuntimeError(f"the runner ended with {code}: {self.said()}")
        self.url = line.split()[-1]
        self.client = RunnerClient(self.url, TOKEN)
        # Beside much else its self-test may need a second try, which comes by itself.
        wanted = "refusing" if self.refuses else "ready"
        self.until(lambda: self.health()["state"] == wanted)

    def said(self) -> str:
        """Return the runner's log so far."""
        return Path(self.log.name).read_text()

    def until(self, done: Callable[[], object]) -> None:
        """Wait for a condition."""

        def met() -> bool:
            # What was begun on the loop goes on meanwhile.
            self.loop.run_until_complete(asyncio.sleep(0))
            return bool(done())

        until(met, lambda: f"what was waited for; log: {self.said()[-2000:]}")

    def await_(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on this runner's loop."""
        return self.loop.run_until_complete(work)

    def health(self) -> dict[str, Any]:
        """Ask for its health."""
        return dict(self.await_(self.client.health()))

    def busy(self) -> int:
        """How many sandboxes have a run, or are tidying up after one."""
        return int(self.health()["boxes"]["busy"])

    def rest(self) -> None:
        """Wait until none is busy: that of the run before may still be tidying up."""
        self.until(lambda: self.busy() == 0)

    def begin(self, request: SandboxRequest) -> asyncio.Task[SandboxResult]:
        """Begin a run while there is no other, and wait until it has a sandbox."""
        self.rest()
        run = self.loop.create_task(self.client.run(request))
        self.until(lambda: self.busy() == 1)
        return run

    def request(
        self,
        code: str,
        items: list[dict[str, Any]] | None = None,
        *,
        workspace: str = "workspace-a",
        limits: dict[str, Any] | None = None,
        **fields: Any,
    ) -> SandboxRequest:
        """Make a request with a run id of its own."""
        fields = {"run_id": uuid.uuid4().hex, **fields}
        return SandboxRequest(
            workspace_id=workspace,
            code=code,
            items=[] if items is None else items,
            limits=SandboxLimits(**{"timeout_s": ENOUGH_S, "cpu_s": ENOUGH_S, **(limits or {})}),
            **fields,
        )

    def run(self, code: str, items: list[dict[str, Any]] | None = None, **k: Any) -> SandboxResult:
        """Run code to its end."""
        return self.await_(self.client.run(self.request(code, items, **k)))

    def boxes(self) -> list[str]:
        """Return the names of the sandboxes that exist on disk."""
        folder = self.data / "sandbox" / "boxes"
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    def groups(self) -> list[Path]:
        """Return the control groups of the sandboxes that exist on disk."""
        found: list[Path] = []
        for path in (self.data / "sandbox" / "boxes").glob("*/groups.json"):
            with suppress(FileNotFoundError):  # It was removed meanwhile.
                found += [Path(name) for name in json.loads(path.read_text())]
        return found

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait for the end."""
        self.await_(self.client.close())
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(PATIENCE_S)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.log.close()
        return code

    def kill(self) -> None:
        """Kill it at a moment at which no sandbox is being started.

        Such a one gets only the time that everything else leaves to it: beside others that are
        busy it may be long before it notices that its runner is gone.
        """
        self.until(lambda: self.health()["boxes"]["starting"] == 0)
        self.stop(signal.SIGKILL)

    def close(self) -> None:
        """Stop, whatever state it is in."""
        self.stop()
        self.loop.close()


def processes_of(data: Path) -> list[str]:
    """Return the command lines of processes, other than runners, that name this data folder."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = process.info["cmdline"] or []
        if any(str(data) in word for word in line):
            found.append(" ".join(line))
    return found


@contextmanager
def running(data: Path, *, refuses: bool = False, **environment: str) -> Iterator[RunnerProcess]:
    """Have a runner for a while; ``refuses`` where it is to find that it may run no code."""
    require_runsc()
    runner = RunnerProcess(data, refuses=refuses, **environment)
    try:
        yield runner
    finally:
        runner.close()
