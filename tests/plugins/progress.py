"""``--progress``: a line now and then with how far the run is and what is running."""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import IO

import pytest

MOST_NAMED = 6
EVERY_S = 30.0
ON_A_TERMINAL_EVERY_S = 1.0


def pytest_addoption(parser: pytest.Parser) -> None:
    """Off unless asked for."""
    parser.addoption("--progress", action="store_true", help="say what is running now and then")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Watch the run in the process that reports; workers report to it."""
    if config.getoption("--progress") and not hasattr(config, "workerinput"):
        # A descriptor of its own: pytest captures the usual one.
        output = os.fdopen(os.dup(sys.__stdout__.fileno()), "w")  # type: ignore[union-attr]
        config.pluginmanager.register(Progress(output))


class Progress:
    """Keeps count, and says so from a thread: also while a test hangs."""

    def __init__(self, output: IO[str]) -> None:
        self._output = output
        self._terminal = output.isatty()
        self._began = time.monotonic()
        self._running: dict[str, float] = {}
        self._done = 0
        self._failed = 0
        self._total = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._talk, daemon=True)
        self._thread.start()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Count the tests, where no workers do."""
        self._total = self._total or len(session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: object, ids: list[str]) -> None:
        """Count the tests; each worker collects all of them."""
        self._total = len(ids)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Note that a test began."""
        self._running[nodeid] = time.monotonic()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a failure, and name it at once: the whole story comes at the end."""
        if report.failed:
            self._failed += 1
            clean = "\r\x1b[K" if self._terminal else ""
            self._output.write(f"{clean}FAILED  {report.nodeid} ({report.when})\n")
            self._output.flush()

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Note that a test ended."""
        self._running.pop(nodeid, None)
        self._done += 1

    def pytest_report_teststatus(
        self, report: pytest.TestReport | pytest.CollectReport
    ) -> tuple[str, str, str] | None:
        """Have no dots: the lines say more."""
        if report.passed and report.when == "call":
            return "passed", "", "PASSED"
        return None

    def pytest_sessionfinish(self) -> None:
        """Say the last line."""
        self._over.set()
        self._thread.join()
        # pytest has left its own last line open.
        self._output.write(("\r\x1b[K" if self._terminal else "\n") + self._line([]) + "\n")
        self._output.flush()

    def _talk(self) -> None:
        while not self._over.wait(ON_A_TERMINAL_EVERY_S if self._terminal else EVERY_S):
            # Copied in one step: tests begin and end meanwhile.
            running = sorted(self._running.copy().items(), key=lambda one: one[1])
            line = self._line(running)
            if self._terminal:
                line = "\r\x1b[K" + line[: os.get_terminal_size(self._output.fileno()).columns - 1]
            self._output.write(line if self._terminal else line + "\n")
            self._output.flush()

    def _line(self, running: list[tuple[str, float]]) -> str:
        now = time.monotonic()
        minutes, seconds = divmod(int(now - self._began), 60)
        text = f"{minutes:3}:{seconds:02}  {self._done} of {self._total}, {self._failed} failed"
        named = [f"{name} ({now - since:.0f} s)" for name, since in running[:MOST_NAMED]]
        return "  ".join([text, *named])
