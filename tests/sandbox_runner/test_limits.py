"""Each limit ends a run with an outcome of its own, and the runner serves on."""

from __future__ import annotations

import asyncio
import time

import pytest

from layers.sandbox import Outcome, SandboxResult
from tests.sandbox_runner.runner_process import RunnerProcess

pytestmark = pytest.mark.sandbox

FINE = "def run(items):\n    return [{'fine': True}]"


@pytest.mark.parametrize("mode", ["run", "warm"])
@pytest.mark.parametrize(
    ("code", "limits", "outcome"),
    [
        (
            "import time\ndef run(items):\n    time.sleep(60)",
            {"timeout_s": 0.5},
            Outcome.TIMEOUT,
        ),
        ("def run(items):\n    while True: pass", {"cpu_s": 1}, Outcome.CPU_LIMIT),
        (
            "def run(items):\n    return [{'n': len(bytearray(10**9))}]",
            {"memory_mb": 64},
            Outcome.OUT_OF_MEMORY,
        ),
        (
            "def run(items):\n    return [{'x': 'y' * 5000}]",
            {"output_bytes": 4000},
            Outcome.OUTPUT_TOO_LARGE,
        ),
        (
            "import os\ndef run(items):\n    while True: os.write(1, b'x' * 65536)",
            {"log_bytes": 1000},
            Outcome.OUTPUT_TOO_LARGE,
        ),
        (
            "import os, time\ndef run(items):\n"
            "    for n in range(100):\n        if os.fork() == 0: time.sleep(60)",
            {"processes": 8},
            Outcome.TOO_MANY_PROCESSES,
        ),
        (
            "import threading, time\ndef run(items):\n"
            "    for n in range(100): threading.Thread(target=time.sleep, args=(60,)).start()",
            {"processes": 8},
            Outcome.TOO_MANY_PROCESSES,
        ),
    ],
    ids=["wall", "cpu", "memory", "result", "logs", "processes", "threads"],
)
def test_a_limit_has_its_own_outcome(
    runner: RunnerProcess, code: str, limits: dict[str, float], outcome: Outcome, mode: str
) -> None:
    result = runner.run(code, limits=limits, mode=mode)
    assert result.outcome is outcome, result
    assert result.items is None
    assert result.error is not None
    assert result.error.message
    assert runner.run(FINE).items == [{"fine": True}]


def test_processor_time_of_all_processes_counts_together(runner: RunnerProcess) -> None:
    code = "import os\ndef run(items):\n    for _ in range(4): os.fork()\n    while True: pass"
    assert runner.run(code, limits={"cpu_s": 1}).outcome is Outcome.CPU_LIMIT


def test_memory_taken_by_many_processes_counts_together(runner: RunnerProcess) -> None:
    code = (
        "import os, time\ndef run(items):\n"
        "    for _ in range(8): os.fork()\n    x = b'x' * (50 << 20)\n    time.sleep(30)"
    )
    result = runner.run(code, limits={"memory_mb": 64, "processes": 256, "timeout_s": 20})
    assert result.outcome is Outcome.OUT_OF_MEMORY


def test_the_disk_is_bounded(runner: RunnerProcess) -> None:
    code = (
        "def run(items):\n    written = 0\n"
        "    for n in range(20):\n"
        "        try:\n"
        "            with open(f'/tmp/{n}', 'wb') as f: written += f.write(bytes(1 << 20))\n"
        "        except OSError: pass\n"
        "    return [{'mb': written >> 20}]"
    )
    result = runner.run(code, limits={"tmp_mb": 4})
    assert result.outcome is Outcome.OK
    assert result.items is not None
    assert result.items[0]["mb"] <= 4


def test_long_logs_are_cut_and_say_so(runner: RunnerProcess) -> None:
    code = "def run(items):\n    print('x' * 100_000)\n    return []"
    result = runner.run(code, limits={"log_bytes": 1000})
    assert result.outcome is Outcome.OK
    assert result.logs_truncated
    assert sum(len(log["text"]) for log in result.logs) == 1000



def test_a_cancel_ends_a_run_within_a_second(runner: RunnerProcess) -> None:
    request = runner.request(
        "import time\ndef run(items):\n    time.sleep(60)", limits={"timeout_s": 60}
    )

    # The sandbox of the run before may still be tidying up, and counts as busy.
    runner.until(lambda: runner.health()["boxes"]["busy"] == 0)

    async def cancelled() -> tuple[SandboxResult, float]:
        task = asyncio.create_task(runner.client.run(request))
        while (await runner.client.health())["boxes"]["busy"] == 0:
            await asyncio.sleep(0.01)
        started = time.monotonic()
        await runner.client.cancel(request.run_id)
        return await task, time.monotonic() - started

    result, seconds = runner.await_(cancelled())
    assert result.outcome is Outcome.CANCELLED
    assert seconds < 1


def test_a_caller_that_hangs_up_frees_its_sandbox(runner: RunnerProcess) -> None:
    request = runner.request(
        "import time\ndef run(items):\n    time.sleep(60)", limits={"timeout_s": 60}
    )

    async def hang_up() -> None:
        task = asyncio.create_task(runner.client.run(request))
        while (await runner.client.health())["boxes"]["busy"] == 0:
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.wait([task])

    runner.await_(hang_up())
    runner.until(lambda: runner.health()["boxes"]["busy"] == 0, 3)
