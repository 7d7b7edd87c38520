"""What a run of the suite is made of: programs that write reports in JUnit's format."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psutil
import pytest

from tests.plugins.workers import EACH_NEEDS
from tests.tiers import Group, Tier, Turn

POLITE = ("nice", "-n", "5")
APP_NEEDS = 3 << 30
"""Bytes that the app's tests take, which run in processes of their own."""
GOOD = (0, int(pytest.ExitCode.NO_TESTS_COLLECTED))


@dataclass
class Phase:
    """One program, its report, and what became of it. With ``log`` it is heard if it fails."""

    name: str
    command: tuple[str, ...]
    report: Path
    folder: Path | None = None
    log: Path | None = None
    seconds: float = 0.0
    passed: bool = False
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _watch: threading.Thread | None = field(default=None, init=False)

    def begin(self) -> None:
        """Start the program, and return at once."""
        output: IO[bytes] | None = self.log.open("wb") if self.log else None
        self._process = subprocess.Popen(
            self.command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        if output:
            output.close()
        self._watch = threading.Thread(target=self._wait, args=(self._process, time.monotonic()))
        self._watch.start()

    def run(self) -> None:
        """Start it, unless it runs already, and wait for its end."""
        if self._watch is None:
            self.begin()
        assert self._watch is not None
        self._watch.join()
        if self.log and not self.passed:
            sys.stdout.write(f"\n{self.name}:\n{self.log.read_text(errors='replace')}\n")
            sys.stdout.flush()

    def _wait(self, process: subprocess.Popen[bytes], began: float) -> None:
        # Others may run beside it and longer: its own end is what counts.
        self.passed = process.wait() in GOOD
        self.seconds = time.monotonic() - began

    def end(self) -> None:
        """Have it over, whatever state it is in."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait()


def python(reports: Path, tier: Tier, turn: Turn | None, group: Group) -> Phase:
    """The tests in Python of one group."""
    report = reports / f"{group}.xml"
    command = [
        *(sys.executable, "-m", "pytest", "--quiet", "--progress"),
        *("-o", "console_output_style=classic", f"--junitxml={report}"),
        *(f"--tier={tier}", f"--group={group}"),
        *([f"--turn={turn}"] if turn else []),
    ]
    if group is Group.TOGETHER:
        command += ["-n", "auto", "--dist", "worksteal"]
    return Phase(f"Python, {group}", tuple(command), report)


def app(reports: Path, repository: Path) -> Phase:
    """The browser app's own tests; quiet until they are over, for they run beside others."""
    report = reports / "app.xml"
    command = (
        *(*POLITE, "tools/build_web.sh", "npm", "run", "--silent", "test", "--"),
        *("--reporter=dot", "--reporter=junit", f"--outputFile.junit={report}"),
    )
    return Phase("The app", command, report, folder=repository, log=reports / "app.log")


def memory_for_both() -> bool:
    """Whether the app's tests fit beside those in Python."""
    return psutil.virtual_memory().available > APP_NEEDS + 2 * EACH_NEEDS
