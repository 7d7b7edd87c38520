"""While one workspace does its worst in every sandbox it may have, another's steps are served."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from layers.sandbox import Outcome, SandboxResult
from tests.attacks.hostile import FOLDER
from tests.sandbox_runner.runner_process import RunnerProcess, running

pytestmark = [pytest.mark.sandbox, pytest.mark.alone]

FAST = "def run(items):\n    return [{'done': True}]"
STEPS, HOGS = 8, 12
LIMITS = {"timeout_s": 600, "cpu_s": 300, "memory_mb": 64, "tmp_mb": 16, "processes": 16}
"""Longer than another's steps can take on any machine; they are cancelled after those."""
WAYS = {
    "forks": "fork_bomb",
    "forks that chase": "orphan_race",
    "memory": "memory_bomb",
    "output": "output_flood",
    "stops": "stopped",
    "storms": "signal_storm",
    "processors": "many_burners",
    "the sandbox's kernel": "kernel_burner",
    "processes that stay": "sleepers",
}
SLEEPER = "import time\ndef run(items):\n    time.sleep(600)\n    return []"


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunnerProcess]:
    with running(tmp_path_factory.mktemp("fairness") / "data") as process:
        yield process


def served_meanwhile(
    runner: RunnerProcess, code: str, number: int, **limits: int
) -> tuple[list[str], int]:
    """Have hogs run in parallel; say how another's steps ended and how many hogs outlasted them."""
    given = {**LIMITS, **limits}
    requests = [runner.request(code, [{}], workspace="hog", limits=given) for _ in range(number)]
    runner.rest()
    hogs = [runner.loop.create_task(runner.client.run(request)) for request in requests]
    runner.until(lambda: runner.busy() > 0)
    ended = []
    for _ in range(STEPS):
        result = runner.run(FAST, workspace="guest")
        ended.append(result.outcome.value)
    left = [request for request, hog in zip(requests, hogs, strict=True) if not hog.done()]
    for request in left:
        runner.await_(runner.client.cancel(request.run_id))
    runner.await_(over(hogs))
    return ended, len(left)


async def over(hogs: list[asyncio.Task[SandboxResult]]) -> None:
    """Wait until nothing is left of them, however they end."""
    await asyncio.gather(*hogs, return_exceptions=True)


@pytest.mark.parametrize("way", WAYS)
def test_another_workspace_is_served_before_the_hogs_are_through(
    runner: RunnerProcess, way: str
) -> None:
    code = (FOLDER / f"{WAYS[way]}.py").read_text()
    ended, left = served_meanwhile(runner, code, HOGS)
    assert ended == [Outcome.OK.value] * STEPS
    assert left > 0, "the steps had to wait for all of the hogs"


def test_memory_that_is_asked_for_and_not_used_is_left_to_others(runner: RunnerProcess) -> None:
    """Four sleepers that ask for 512 MB each would take all that the runner has to give."""
    ended, left = served_meanwhile(runner, SLEEPER, 4, memory_mb=512)
    assert ended == [Outcome.OK.value] * STEPS
    assert left == 4, "a step had to wait until a sleeper gave its memory back"
