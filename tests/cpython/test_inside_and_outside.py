"""CPython's own tests, inside the sandbox and outside with the same interpreter.

What passes outside passes inside, but for what a sandbox lacks on purpose.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox_runner.runner_process import RunnerProcess

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(500)]

STEP = Path(__file__).with_name("step.py")
LIMITS = {
    "timeout_s": 400,
    "cpu_s": 400,
    "memory_mb": 1024,
    "processes": 64,
    "open_files": 512,
    "output_bytes": 16 << 20,
}
SLOW = [
    *("re", "math", "datetime", "decimal", "collections", "itertools", "statistics"),
    "asyncio",
]
MODULES = ["json", *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)]
# Parts of test ids, and why a sandbox is different there.
LACKING = {
    "subprocess": "there is no shell in the root",
    "shell": "there is no shell in the root",
    "service_name": "there is no /etc/services in the root",
}
PASSED, SKIPPED = "passed", "skipped"
Verdicts = dict[str, list[str]]


async def inside(runner: RunnerProcess, module: str) -> Verdicts:
    request = runner.request(
        STEP.read_text(), [{"modules": [f"test.test_{module}"]}], limits=LIMITS, workspace=module
    )
    result = await runner.client.run(request)
    assert result.items is not None, result
    found: Verdicts = result.items[0]["verdicts"]
    return found


async def outside(testsuite: Path, module: str, folder: Path) -> Verdicts:
    asked = json.dumps([{"modules": [f"test.test_{module}"]}])
    process = await asyncio.create_subprocess_exec(
        *(testsuite / "usr/bin/python3.11", "-I", "-S", STEP, asked),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
    )
    said, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()[-2000:]
    found: Verdicts = json.loads(said)[0]["verdicts"]
    return found


@pytest.mark.parametrize("module", MODULES)
def test_what_passes_outside_passes_inside(
    module: str,
    runner: RunnerProcess,
    testsuite: Path,
    tmp_path: Path,
    record_property: Any,
) -> None:
    async def both() -> tuple[Verdicts, Verdicts]:
        a, b = await asyncio.gather(inside(runner, module), outside(testsuite, module, tmp_path))
        return a, b

    within, without = runner.await_(both())
    counts = [Counter(verdict for verdict, _ in found.values()) for found in (within, without)]
    print(f"{module}: inside {dict(counts[0])}, outside {dict(counts[1])}")
    record_property("inside", dict(counts[0]))
    record_property("outside", dict(counts[1]))
    assert counts[1][PASSED] > 50
    worse = {
        name: within.get(name, ["missing", ""])
        for name, (verdict, _) in without.items()
        if verdict == PASSED and within.get(name, ["missing"])[0] != PASSED
    }
    unexplained = {
        name: how
        for name, how in worse.items()
        # A test that finds a part missing, and says so, is no failure of that part.
        if how[0] != SKIPPED and not any(part in name for part in LACKING)
    }
    assert unexplained == {}
    assert counts[0][PASSED] > 0.95 * counts[1][PASSED]
