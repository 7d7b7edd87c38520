"""Each limit ends a run with an outcome of its own, and the runner serves on."""

from __future__ import annotations

import asyncio

import pytest

from layers.errors import InvalidInput
from layers.sandbox import Outcome
from tests.sandbox_runner.runner_process import RunnerProcess

pytestmark = pytest.mark.sandbox

FINE = "def run(items):\n    return [{'fine': True}]"
# It ends far later than anything here is waited for.
ENDLESS = "import time\ndef run(items):\n    time.sleep(600)"
LONG = {"timeout_s": 600}


@pytest.mark.parametrize("mode", ["run", "warm"])
@pytest.mark.parametrize(
    ("code", "limits", "outcome"),
    [
        (
            ENDLESS,
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
            "    for n in range(100):\n        if os.fork() == 0: time.sleep(600)",
            {"processes": 8},
            Outcome.TOO_MANY_PROCESSES,
        ),
        (
            "import threading, time\ndef run(items):\n"
            "    for n in range(100): threading.Thread(target=time.sleep, args=(600,)).start()",
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


@pytest.mark.parametrize("mode", ["run", "warm"])
def test_memory_that_is_all_gone_when_the_answer_is_made_is_named(
    runner: RunnerProcess, mode: str
) -> None:
    code = (
        "held = []\n"
        "def fill(size):\n"
        "    try:\n        while True: held.append(bytearray(size))\n"
        "    except MemoryError: pass\n"
        "def run(items):\n"
        "    for size in (1 << 16, 500): fill(size)\n"
        "    return [{'n': n} for n in range(3000)]"
    )
    result = runner.run(code, limits={"memory_mb": 64}, mode=mode, workspace="all-gone")
    assert result.outcome is Outcome.OUT_OF_MEMORY, result
    assert runner.run(FINE, workspace="all-gone").items == [{"fine": True}]


def test_processor_time_of_all_processes_counts_together(runner: RunnerProcess) -> None:
    code = "import os\ndef run(items):\n    for _ in range(4): os.fork()\n    while True: pass"
    assert runner.run(code, limits={"cpu_s": 1}).outcome is Outcome.CPU_LIMIT


def test_memory_taken_by_many_processes_counts_together(runner: RunnerProcess) -> None:
    code = (
        "import os, time\ndef run(items):\n"
        "    for _ in range(8): os.fork()\n    x = b'x' * (50 << 20)\n    time.sleep(600)"
    )
    result = runner.run(code, limits={"memory_mb": 64, "processes": 256})
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


def test_a_full_disk_is_an_error_of_the_code(runner: RunnerProcess) -> None:
    code = (
        "def run(items):\n"
        "    for n in range(20):\n"
        "        with open(f'/tmp/{n}', 'wb') as file: file.write(bytes(1 << 20))\n"
    )
    result = runner.run(code, limits={"tmp_mb": 4})
    assert result.outcome is Outcome.USER_ERROR
    assert result.error is not None
    assert result.error.type == "OSError"
    assert "No space left" in result.error.message
    assert result.error.line == 3


@pytest.mark.parametrize("mode", ["run", "warm"])
def test_open_files_are_bounded(runner: RunnerProcess, mode: str) -> None:
    code = (
        "import os\ndef run(items):\n    opened = []\n    try:\n"
        "        while True: opened.append(os.open('/dev/null', os.O_RDONLY))\n"
        "    except OSError as error:\n        said = error.errno\n"
        "    for one in opened: os.close(one)\n"
        "    return [{'n': len(opened), 'said': said}]"
    )
    result = runner.run(code, limits={"open_files": 32}, mode=mode)
    assert result.items is not None, result
    assert 16 < result.items[0]["n"] < 32
    assert result.items[0]["said"] == 24
    # And by themselves they are the author's error.
    leak = "def run(items):\n    a = [open('/dev/null') for _ in range(99)]"
    result = runner.run(leak, limits={"open_files": 32}, mode=mode)
    assert result.outcome is Outcome.USER_ERROR
    assert runner.run(FINE, mode=mode).items == [{"fine": True}]


@pytest.mark.parametrize(
    ("levels", "outcome"),
    [(3, Outcome.OK), (4, Outcome.OUTPUT_TOO_LARGE), (150, Outcome.OUTPUT_TOO_LARGE)],
)
def test_the_depth_of_a_result_is_bounded(
    runner: RunnerProcess, levels: int, outcome: Outcome
) -> None:
    """Five levels: the list of items, the item, and what is in it."""
    code = (
        "def run(items):\n    value = 'text with [[[[{{{{ in it'\n"
        f"    for _ in range({levels}): value = [value]\n    return [{{'a': value}}]"
    )
    assert runner.run(code, limits={"depth": 5}).outcome is outcome


def test_files_in_tmp_are_counted(runner: RunnerProcess) -> None:
    code = (
        "import time\ndef run(items):\n"
        "    for n in range(200): open(f'/tmp/{n}', 'w').close()\n    time.sleep(600)"
    )
    result = runner.run(code, limits={"tmp_files": 100})
    assert result.outcome is Outcome.USER_ERROR
    assert result.error is not None
    assert "more than 100 files" in result.error.message


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("tmp_mb", 0, 1025),
        ("tmp_files", 9, 1_000_001),
        ("open_files", 15, 1025),
        ("file_bytes", -1, (256 << 20) + 1),
        ("file_count", -1, 1001),
        ("depth", 0, 201),
    ],
)
def test_a_bound_outside_of_its_range_is_refused(
    runner: RunnerProcess, name: str, low: int, high: int
) -> None:
    for value in (low, high, 20.5):
        with pytest.raises(InvalidInput) as caught:
            runner.run(FINE, limits={name: value})
        assert [error.pointer for error in caught.value.errors] == [f"/limits/{name}"]


def test_the_bounds_that_held_are_told(runner: RunnerProcess) -> None:
    asked = {"open_files": 40, "depth": 9, "tmp_files": 77, "file_count": 3}
    unsaid = {"timeout_s": None, "cpu_s": None}
    limits = runner.run(FINE, limits={**asked, **unsaid}).limits
    assert {name: limits[name] for name in asked} == asked
    assert (limits["tmp_mb"], limits["timeout_s"], limits["cpu_s"]) == (64, 10, 10)


def test_a_cancel_ends_a_run_that_would_go_on(runner: RunnerProcess) -> None:
    request = runner.request(ENDLESS, limits=LONG)
    run = runner.begin(request)
    runner.await_(runner.client.cancel(request.run_id))
    assert runner.await_(run).outcome is Outcome.CANCELLED


def test_a_caller_that_hangs_up_frees_its_sandbox(runner: RunnerProcess) -> None:
    run = runner.begin(runner.request(ENDLESS, limits=LONG))
    run.cancel()
    runner.await_(asyncio.wait([run]))
    runner.rest()
