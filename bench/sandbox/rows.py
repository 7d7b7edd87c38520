"""What is measured of a runner; each function gives readings by name."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import aiohttp

from bench.product import BenchError
from bench.sandbox.caller import PASS, Caller, Step, reading, repeat
from bench.sandbox.runner import Runner, running
from layers.packages.policy import PackagePolicy
from layers.sandbox import RunnerClient

Readings = dict[str, dict[str, float]]
PAUSE_S = 0.05
DENSE = 60
IMPORTS = {
    "numpy": "import numpy\ndef run(items):\n    return [{'n': float(numpy.arange(9).sum())}]",
    "pandas": "import pandas\ndef run(items):\n    return [{'n': int(pandas.Series([1]).sum())}]",
}
ATTACKS = {
    "fork bomb": "import os\ndef run(items):\n    while True:\n        try:\n"
    "            os.fork()\n        except OSError:\n            pass",
    "memory bomb": "def run(items):\n    held = []\n    while True:\n"
    "        held.append(bytearray(1 << 20))",
    "processor hog": "import os\ndef run(items):\n    for _ in range(8):\n        os.fork()\n"
    "    while True:\n        pass",
    "output flood": "def run(items):\n    while True:\n        print('x' * 1000)",
    "killing and stopping": "import os, signal\ndef run(items):\n    os.fork()\n"
    "    os.kill(0, signal.SIGSTOP)",
}
HOSTILE = {"timeout_s": 1, "cpu_s": 1, "memory_mb": 64, "processes": 32}


async def modes(runner: Runner, seconds: float) -> Readings:
    """Both modes: one step at a time with pauses, back to back, and eight at once."""
    found: Readings = {}
    for mode in ("run", "warm"):
        step = Step(mode=mode)
        caller = runner.caller()
        await repeat(caller, step, 0.5)
        spaced = await repeat(caller, step, seconds, PAUSE_S)
        found[f"{mode}, one at a time"] = reading(spaced, seconds)
        found[f"{mode}, back to back"] = reading(await repeat(caller, step, seconds), seconds)
        caller.close()
        found[f"{mode}, eight at once"] = await _at_once(runner, step, seconds)
    return found


async def _at_once(runner: Runner, step: Step, seconds: float) -> dict[str, float]:
    callers = [runner.caller() for _ in range(8)]
    steps = [replace(step, workspace=f"many-{n % 4}") for n in range(8)]
    await asyncio.gather(*(repeat(c, s, 0.5) for c, s in zip(callers, steps, strict=True)))
    parts = await asyncio.gather(
        *(repeat(c, s, seconds) for c, s in zip(callers, steps, strict=True))
    )
    for caller in callers:
        caller.close()
    return reading([one for part in parts for one in part], seconds)


async def packages(runner: Runner, seconds: float) -> Readings:
    """Steps that import numpy and pandas from a layer; raises BenchError without an index."""
    client = RunnerClient(runner.url, runner.token)
    found: Readings = {}
    try:
        for name, code in IMPORTS.items():
            lock = await client.lock([name], PackagePolicy())
            step = Step(code, workspace=name, lock=lock.text)
            caller = runner.caller()
            await caller.call(step)  # Installs.
            fresh = replace(step, workspace=f"{name} again")
            first, _ = await caller.call(fresh)
            found[f"{name}, first step"] = reading([first], 1)
            times = await repeat(caller, fresh, seconds, PAUSE_S)
            found[f"{name}, later steps"] = reading(times, seconds)
            kinds = {
                "imported only": replace(fresh, code=f"import {name}\n{PASS}"),
                "not imported": replace(step, code=PASS, workspace=f"no {name}"),
            }
            for kind, one in kinds.items():
                await repeat(caller, one, 0.5, PAUSE_S)
                times = await repeat(caller, one, seconds, PAUSE_S)
                found[f"{name}, {kind}"] = reading(times, seconds)
            caller.close()
    finally:
        await client.close()
    return found


async def cold(folder: Path) -> Readings:
    """The first step after idleness, and steps that a sandbox is started for."""
    found: Readings = {}
    with running(folder / "idle", TREADLE_SANDBOX_IDLE_SECONDS="1") as runner:
        times = []
        for _ in range(5):
            caller = runner.caller()
            took, _ = await caller.call(Step())
            caller.close()
            times.append(took)
            await _until(lambda: runner.boxes()["idle"] == 0 and runner.boxes()["ready"] == 1)
        found["first step after idle"] = reading(times, 1)
    settings = {"TREADLE_SANDBOX_POOL": "0", "TREADLE_SANDBOX_SINGLE_USE": "true"}
    with running(folder / "cold", **settings) as runner:
        caller = runner.caller()
        found["runsc started for each step"] = reading(await repeat(caller, Step(), 5), 5)
        caller.close()
    with running(folder / "single", TREADLE_SANDBOX_SINGLE_USE="true") as runner:
        caller = runner.caller()
        times = await repeat(caller, Step(), 8, 0.5)
        found["a ready sandbox for each step, two a second"] = reading(times, 8)
        caller.close()
    return found


async def density(folder: Path) -> Readings:
    """How much memory sandboxes hold that have served a step and rest."""
    with running(folder, TREADLE_SANDBOX_MAX="64", TREADLE_SANDBOX_POOL="0") as runner:
        before = _available_mb()
        caller = runner.caller()
        for number in range(DENSE):
            await caller.call(Step(workspace=f"w{number}"))
        caller.close()
        # Those that stood ready while one workspace after the other came are given back.
        alone = {"idle": DENSE, "ready": 0, "starting": 0}
        await _until(lambda: alone.items() <= runner.boxes().items())
        await asyncio.sleep(12)  # What is left of the last runs is given back by then.
        held = [g for g in runner.groups() if (g / "memory.usage_in_bytes").exists()]
        if not held:
            held = [g for g in runner.groups() if (g / "memory.current").exists()]
        used = sum(_usage(group) for group in set(held)) / (1 << 20)
        fallen = before - _available_mb()
    return {
        "idle sandboxes": {
            "sandboxes": DENSE,
            "control_groups_mib": used,
            "available_fell_mib": fallen,
            "per_gib": DENSE * 1024 / max(used, fallen),
        }
    }


async def neighbours(runner: Runner, seconds: float) -> Readings:
    """A quiet workspace's steps, alone and beside each kind of attack."""
    victim = runner.caller()
    step = Step(workspace="victim")
    await repeat(victim, step, 1, PAUSE_S)
    found = {"alone": reading(await repeat(victim, step, 2 * seconds, PAUSE_S), 2 * seconds)}
    for name, code in ATTACKS.items():
        attackers = [runner.caller() for _ in range(4)]
        hostile = Step(code, workspace="attacker", limits=HOSTILE)
        attacks = [asyncio.create_task(_attack(one, hostile)) for one in attackers]
        await asyncio.sleep(0.5)
        times = await repeat(victim, step, 2 * seconds, PAUSE_S)
        found[f"beside: {name}"] = reading(times, 2 * seconds)
        for task in attacks:
            task.cancel()
        await asyncio.gather(*attacks, return_exceptions=True)
        for one in attackers:
            one.close()
    victim.close()
    return found


async def _attack(caller: Caller, step: Step) -> None:
    while True:
        await caller.call(step)


async def _until(done: object, seconds: float = 60) -> None:
    assert callable(done)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with suppress(OSError, aiohttp.ClientError):
            if done():
                return
        await asyncio.sleep(0.1)
    raise BenchError("the runner did not come to rest")


def _usage(group: Path) -> int:
    """A group's memory without what the kernel caches of files, in bytes."""
    version_one = group / "memory.usage_in_bytes"
    total = int((version_one if version_one.exists() else group / "memory.current").read_text())
    prefix = "total_" if version_one.exists() else ""
    files = {f"{prefix}inactive_file", f"{prefix}active_file"}
    cached = 0
    for line in (group / "memory.stat").read_text().splitlines():
        name, _, value = line.partition(" ")
        if name in files:
            cached += int(value)
    return total - cached


def _available_mb() -> float:
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable"):
            return int(line.split()[1]) / 1024
    return 0.0
