"""Hostile scripts against one runner, in both modes: each contained, and nothing is left.

A script's docstring says what containment means. It returns items whose ``escaped`` is false, or
the run ends with one of the outcomes that the script names in ``EXPECT``.
"""

from __future__ import annotations

import ast
import platform
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from layers.sandbox import Outcome
from tests.sandbox_runner.runner_process import RunnerProcess, processes_of, running

pytestmark = pytest.mark.sandbox

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.py"))
LIMITS = {"timeout_s": 3, "cpu_s": 1, "memory_mb": 64, "tmp_mb": 16, "processes": 16}
# Run after each attack: what it tried to leave must not be there.
WITNESS = """
import json, os, sys
def run(items):
    me = os.getuid()
    others = [p for p in os.listdir('/proc') if p.isdigit() and p not in ('1', str(os.getpid()))]
    alive = []
    for pid in others:
        try:
            status = open(f'/proc/{pid}/status').read()
        except OSError:
            continue
        alive.append([line for line in status.splitlines() if line.startswith(('Name', 'State'))])
    return [{
        'tmp': os.listdir('/tmp'), 'shm': os.listdir('/dev/shm'), 'processes': alive,
        'poisoned': hasattr(json, 'poisoned') or hasattr(os, 'poisoned') or len('xy') != 2,
    }]
"""


class Bait:
    """What an attack would find on the host if it got out."""

    def __init__(self, runner: RunnerProcess) -> None:
        self.touched: list[str] = []
        self.canary = runner.data.parent / "canary"
        self.canary.write_text("a secret of the host")
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.path = runner.data.parent / "bait.sock"
        self.unix = socket.socket(socket.AF_UNIX)
        self.unix.bind(str(self.path))
        self.abstract = socket.socket(socket.AF_UNIX)
        self.abstract.bind("\0treadle-bait")
        for listening in (self.tcp, self.unix, self.abstract):
            listening.listen()
            threading.Thread(target=self._listen, args=(listening,), daemon=True).start()
        self.facts = {
            "paths": [str(self.canary), str(runner.data), __file__],
            "secret": runner.environment["SECRET_OF_THE_HOST"],
            "port": self.tcp.getsockname()[1],
            "runner_port": int(runner.url.rsplit(":", 1)[1]),
            "address": socket.gethostbyname(socket.gethostname()),
            "socket": str(self.path),
            "abstract": "treadle-bait",
            "kernel": platform.release(),
            "host": platform.node(),
        }

    def _listen(self, listening: socket.socket) -> None:
        while True:
            try:
                listening.accept()[0].close()
            except OSError:
                return
            self.touched.append(str(listening))

    def close(self) -> None:
        """Take the bait away."""
        for listening in (self.tcp, self.unix, self.abstract):
            listening.shutdown(socket.SHUT_RDWR)
            listening.close()


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunnerProcess]:
    data = tmp_path_factory.mktemp("attacks") / "data"
    with running(data) as process:
        yield process
        groups = process.groups()
        assert groups
        process.stop()
        assert processes_of(data) == [], "a process is left"
        assert not any(group.exists() for group in groups), "a control group is left"
        assert [path.name for path in (data / "sandbox/boxes").iterdir()] == []
        assert [path.name for path in (data / "sandbox/state").iterdir()] == []


@pytest.fixture(scope="module")
def bait(runner: RunnerProcess) -> Iterator[Bait]:
    found = Bait(runner)
    yield found
    found.close()


def expected(code: str) -> set[str]:
    """Return the outcomes that a script names, or that it must return by itself."""
    for statement in ast.parse(code).body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "EXPECT":
            outcomes: set[str] = ast.literal_eval(statement.value)
            return outcomes
    return {"ok"}


@pytest.mark.parametrize("mode", ["run", "warm"])
@pytest.mark.parametrize("script", SCRIPTS, ids=[path.stem for path in SCRIPTS])
def test_is_contained(script: Path, mode: str, runner: RunnerProcess, bait: Bait) -> None:
    code = script.read_text()
    fields: dict[str, Any] = {"workspace": "attacker", "mode": mode, "limits": LIMITS}
    result = runner.run(code, [bait.facts], **fields)
    assert result.outcome.value in expected(code), result
    if result.outcome is Outcome.OK:
        assert result.items
        assert not any(item["escaped"] for item in result.items), result.items
    assert bait.touched == []

    after = runner.run(WITNESS, workspace="attacker")
    assert after.items is not None, after
    witnessed = after.items[0]
    assert witnessed["tmp"] == witnessed["shm"] == []
    assert not witnessed["poisoned"]
    left = [words for words in witnessed["processes"] if "python" not in words[0]]
    assert left == []


def test_the_runner_still_serves_others_and_is_small(runner: RunnerProcess) -> None:
    code = "def run(items):\n    return [{'fine': True}]"
    assert runner.run(code, workspace="bystander").items == [{"fine": True}]
    assert runner.health()["state"] == "ready"


def test_the_bait_would_show_an_escape(bait: Bait) -> None:
    """The control: outside the sandbox the same doors are open."""
    assert bait.canary.read_text()
    before = len(bait.touched)
    socket.create_connection(("127.0.0.1", bait.facts["port"]), 1).close()
    for _ in range(200):
        if len(bait.touched) > before:
            break
        threading.Event().wait(0.01)
    assert len(bait.touched) > before
    bait.touched.clear()
