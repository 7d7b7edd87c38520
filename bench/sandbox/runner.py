"""A sandbox runner of the bench's own."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.product import BenchError
from bench.sandbox.caller import Caller
from layers.settings.environment import environment_with

_READY_WITHIN_S = 60.0


class Runner:
    """A running runner: where it is, and what it says of itself."""

    def __init__(self, url: str, token: str, data: Path) -> None:
        self.url, self.token, self.data = url, token, data

    def caller(self) -> Caller:
        """Make a connection."""
        parts = urlsplit(self.url)
        return Caller(parts.hostname or "127.0.0.1", parts.port or 80, self.token)

    def boxes(self) -> dict[str, int]:
        """How many sandboxes there are, by what they do."""
        found: dict[str, int] = self.health()["boxes"]
        return found

    def health(self) -> dict[str, Any]:
        """What it says of itself."""
        with urllib.request.urlopen(f"{self.url}/healthz", timeout=10) as answer:
            found: dict[str, Any] = json.loads(answer.read())
            return found

    def groups(self) -> list[Path]:
        """The memory control groups of its sandboxes."""
        found: list[Path] = []
        for record in (self.data / "sandbox/boxes").glob("*/groups.json"):
            found += [Path(name) for name in json.loads(record.read_text())]
        return found


@contextmanager
def running(folder: Path, **environment: str) -> Iterator[Runner]:
    """Have a runner for a while; raises BenchError where it refuses to serve."""
    token = secrets.token_hex(16)
    values = {
        "TREADLE_DATA": str(folder),
        "TREADLE_RUNNER_URL": "http://127.0.0.1:0",
        "TREADLE_RUNNER_TOKEN": token,
        **environment,
    }
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "runner.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "sandbox_runner"],
            env=environment_with(values),
            stdout=subprocess.PIPE,
            stderr=log,
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline().decode()
        if "listens on" not in line:
            raise BenchError(f"the runner did not start: {(folder / 'runner.log').read_text()}")
        runner = Runner(line.split()[-1], token, folder)
        _wait_until_ready(runner)
        yield runner
    finally:
        process.terminate()
        process.wait(30)


def _wait_until_ready(runner: Runner) -> None:
    until = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < until:
        try:
            if runner.health()["state"] == "ready":
                return
        except OSError:
            pass  # 503 while it decides.
        time.sleep(0.05)
    raise BenchError(f"the runner refuses: {(runner.data / 'runner.log').read_text()[-2000:]}")
