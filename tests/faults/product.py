"""The whole product under its own supervisor: ``treadle up``, its children, and their ends."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from tests.faults.effects import Effects
from tests.faults.instance import Instance
from tests.local_emulator.running import Running, gone
from tests.waiting import until

PARTS = {
    "gateway": "local_emulator.parts.gateway",
    "worker": "local_emulator.parts.worker",
    "scheduler": "local_emulator.parts.scheduler",
    "runner": "sandbox_runner",
}


class Product(Instance):
    """``treadle up`` on a data folder, started again and again."""

    def __init__(
        self, folder: Path, effects: Effects, workers: int = 1, **environment: str
    ) -> None:
        super().__init__(folder, effects, **environment)
        self._workers = workers
        for name in ("TREADLE_PORT", "TREADLE_RUNNER_URL", "TREADLE_PUBLIC_URL"):
            del self.environment[name]

    def open(self, *workflows: Callable[[str], dict[str, Any]]) -> None:
        """Start on an empty folder, sign up, switch the workflows on, and observe."""
        self.start()
        self.history.observe()
        self.caller.sign_up()
        self.publish(*workflows)

    def start(self, name: str = "up", module: str = "", **environment: str) -> Running:
        """Start the supervisor and wait until it says that everything is ready."""
        command = [sys.executable, "-m", module or "tests.faults.patient", "--no-demo"]
        command += ["--port", str(self.port), "--data", str(self.folder)]
        command += ["--workers", str(self._workers)]
        part = self.parts[name] = Running(command, {**self.environment, **environment})
        part.says("Treadle is ready")
        return part

    def stop(self, name: str = "up") -> int:
        """Ask it to stop; everything that it started must be gone then."""
        family = self.parts[name].family
        code = super().stop(name)
        assert code == 0
        assert gone(family), "a child was left behind"
        return code

    def kill_all(self) -> None:
        """Kill the supervisor, and with it, by the kernel's hand, everything."""
        family = self.parts["up"].family
        self.kill("up")
        until(lambda: gone(family), "the end of all children")

    def kill_part(self, kind: str, choice: int = 0) -> bool:
        """Kill one part of this kind if one runs now; returns whether."""
        found = [process for process in self._children() if PARTS[kind] in _command(process)]
        if not found:
            return False
        try:
            found[choice % len(found)].send_signal(signal.SIGKILL)
        except psutil.NoSuchProcess:
            return False
        return True

    def _children(self) -> list[psutil.Process]:
        supervisor = psutil.Process(self.parts["up"].process.pid)
        return sorted(supervisor.children(), key=lambda process: process.pid)


def _command(process: psutil.Process) -> list[str]:
    try:
        command: list[str] = process.cmdline()
    except psutil.NoSuchProcess:
        return []
    return command
