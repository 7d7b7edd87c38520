"""A long run comes last while somebody else has short ones, and no longer."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest

from layers.sandbox import Outcome
from layers.settings.runner import RunnerSettings
from tests.sandbox_runner.runner_process import RunnerProcess, leave_out, running
from tests.waiting import PATIENCE_S

pytestmark = [pytest.mark.sandbox, pytest.mark.alone]

BUSY = "def run(items):\n    while True:\n        pass"
SHORT = "def run(items):\n    return []"
PERIOD_US = 100_000


def read(folder: Path, name: str) -> str:
    with contextlib.suppress(OSError):
        return (folder / name).read_text().strip()
    return ""


def comes_last(folder: Path) -> bool:
    return read(folder, "cpu.idle") == "1"


def processors(folder: Path) -> float:
    """How many processors a control group may use at once; 0 where it says nothing of that."""
    quota = read(folder, "cpu.cfs_quota_us") or read(folder, "cpu.max").partition(" ")[0]
    return int(quota) / PERIOD_US if quota.isdigit() else 0.0


def used(folder: Path) -> int:
    """How much it has used, in whatever unit."""
    text = read(folder, "cpuacct.usage") or read(folder, "cpu.stat").partition("\n")[0]
    return int(text.split()[-1]) if text else 0


def test_a_long_run_comes_last_while_others_have_short_ones(tmp_path: Path) -> None:
    with running(tmp_path / "data") as runner:
        if runner.health()["limits"].startswith("none"):
            leave_out("no control groups here.")
        limits = {"timeout_s": 600, "cpu_s": 300}
        request = runner.request(BUSY, workspace="busy", limits=limits)
        run = runner.loop.create_task(runner.client.run(request))
        whole = RunnerSettings.cpus
        group = the_busiest(runner)
        runner.until(lambda: not comes_last(group) and processors(group) == whole)

        def after_a_short_run() -> bool:
            assert runner.run(SHORT, workspace="other").outcome is Outcome.OK
            return comes_last(group) and processors(group) <= whole / 10

        runner.until(after_a_short_run)
        runner.until(lambda: not comes_last(group) and processors(group) == whole)
        runner.await_(runner.client.cancel(request.run_id))
        assert runner.await_(asyncio.wait_for(run, PATIENCE_S)).outcome is Outcome.CANCELLED


def the_busiest(runner: RunnerProcess) -> Path:
    """The group, of those that bound processors, whose sandbox has used them most."""
    runner.until(lambda: runner.busy() == 1)
    name = max(runner.groups(), key=used).name
    return next(g for g in runner.groups() if g.name == name and processors(g))
