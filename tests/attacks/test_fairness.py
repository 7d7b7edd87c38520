"""While one workspace does its worst in every sandbox it may have, another's steps are served."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from layers.sandbox import Outcome
from tests.attacks.hostile import FOLDER
from tests.sandbox_runner.runner_process import RunnerProcess, running

pytestmark = [pytest.mark.sandbox, pytest.mark.alone]

FAST = "def run(items):\n    return [{'done': True}]"
STEPS, HOGS = 8, 12
LIMITS = {"timeout_s": 3, "cpu_s": 2, "memory_mb": 64, "tmp_mb": 16, "processes": 16}
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
SLEEPER = "import time\ndef run(items):\n    time.sleep(6)\n    return []"


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunnerProcess]:
    with running(tmp_path_factory.mktemp("fairness") / "data") as process:
        yield process


async def served_meanwhile(
    runner: RunnerProcess, code: str, number: int, **limits: int
) -> tuple[list[str], int]:
    """Have hogs run in parallel; say how another's steps ended and how many hogs outlasted them."""
    given = {**LIMITS, **limits}
    hogs = [
        asyncio.create_task(
            runner.client.run(runner.request(code, [{}], workspace="hog", limits=given))
        )
        for _ in range(number)
    ]
    while (await runner.client.health())["boxes"]["busy"] == 0:
        await asyncio.sleep(0.01)
    ended = []
    for _ in range(STEPS):
        result = await runner.client.run(runner.request(FAST, workspace="guest"))
        ended.append(result.outcome.value)
    left = sum(not hog.done() for hog in hogs)
    await asyncio.gather(*hogs, return_exceptions=True)
    return ended, left


@pytest.mark.parametrize("way", WAYS)
def test_another_workspace_is_served_before_the_hogs_are_through(
    runner: RunnerProcess, way: str
) -> None:
    code = (FOLDER / f"{WAYS[way]}.py").read_text()
    ended, left = runner.await_(served_meanwhile(runner, code, HOGS))
    assert ended == [Outcome.OK.value] * STEPS
    assert left > 0, "the steps had to wait for all of the hogs"


def test_memory_that_is_asked_for_and_not_used_is_left_to_others(runner: RunnerProcess) -> None:
    """Four sleepers that ask for 512 MB each would take all that the runner has to give."""
    work = served_meanwhile(runner, SLEEPER, 4, timeout_s=8, memory_mb=512)
    ended, left = runner.await_(work)
    assert ended == [Outcome.OK.value] * STEPS
    assert left == 4, "a step had to wait until a sleeper gave its memory back"
