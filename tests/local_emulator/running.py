"""A supervisor as a real process, and what it prints, for tests to wait on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO

import psutil

from local_emulator.kinship import die_with_parent
from local_emulator.part import Part
from tests.waiting import PATIENCE_S, until

SUPERVISE = """
import json, sys
from local_emulator import child, supervisor
from local_emulator.part import Kind, Part
from local_emulator.supervisor import Supervisor
# On a loaded machine stand-ins may take long to end, and live long before a test looks at them.
supervisor.STOP_WITHIN_S, child.STEADY_AFTER_S = 100.0, 600.0
rows = [{k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}
        for row in json.loads(sys.argv[1])]
rows = [{**row, "kind": Kind(row["kind"])} for row in rows]
ready = lambda: print("ready", flush=True)
parts = [Part(**row) for row in rows]
sys.exit(Supervisor(parts, sys.stderr, on_ready=ready, order=json.loads).run())
"""


def gone(pids: set[int]) -> bool:
    """Whether none of these processes runs any more."""
    return not any(_alive(pid) for pid in pids)


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class Running:
    """A process under test; ``out`` and ``log`` are the lines of its two outputs so far."""

    def __init__(
        self,
        command: list[str],
        environment: dict[str, str] | None = None,
        pass_fds: tuple[int, ...] = (),
    ) -> None:
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **(environment or {})},
            pass_fds=pass_fds,
            preexec_fn=die_with_parent(),
        )
        self.out: list[str] = []
        self.log: list[str] = []
        self._readers = [
            threading.Thread(target=_collect, args=(stream, lines), daemon=True)
            for stream, lines in ((self.process.stdout, self.out), (self.process.stderr, self.log))
        ]
        for reader in self._readers:
            reader.start()

    @classmethod
    def of_parts(cls, *parts: Part) -> Running:
        """Supervise a table of stand-ins."""
        rows = json.dumps([asdict(part) for part in parts])
        return cls([sys.executable, "-c", SUPERVISE, rows])

    @property
    def family(self) -> set[int]:
        """Every descendant that lives now."""
        found = psutil.Process(self.process.pid).children(recursive=True)
        return {child.pid for child in found}

    def says(self, text: str, times: int = 1) -> None:
        """Wait until a line with this text has come that many times, on either output."""
        until(
            lambda: self.count(text) >= times,
            lambda: f"{text!r} x{times} in\n" + "\n".join([*self.out, *self.log]),
        )

    def count(self, text: str) -> int:
        """How many lines so far hold this text."""
        return sum(text in line for line in [*self.out, *self.log])

    def ask_to_stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal and return the exit code."""
        self.process.send_signal(how)
        return self.finish()

    def finish(self) -> int:
        """Wait for the end and for everything that was printed; return the exit code."""
        code = self.process.wait(PATIENCE_S)
        for reader in self._readers:
            reader.join(PATIENCE_S)
        return code

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            # The parts end with their supervisor; what they started themselves does not.
            for pid in {self.process.pid, *self.family}:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self.finish()


def _collect(stream: IO[str] | None, lines: list[str]) -> None:
    assert stream is not None
    with stream:
        for line in stream:
            lines.append(line.rstrip("\n"))


def program(folder: Path, name: str, text: str) -> tuple[str, ...]:
    """Write a small program and return the command for it."""
    path = folder / f"{name}.py"
    path.write_text(text)
    return (sys.executable, "-S", "-E", str(path))
