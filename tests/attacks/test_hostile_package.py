"""A package that is hostile from the moment it is imported, brought by one step of a workspace.

It may spoil the runs of the steps that import it. Other steps with the same lock, those of the same
workspace and of others run as if it were not there, whenever it was imported and in either mode.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from layers.sandbox import Outcome
from tests.sandbox_runner.package_index import PackageIndex, make_wheel
from tests.sandbox_runner.runner_process import RunnerProcess, processes_of, running

pytestmark = pytest.mark.sandbox

FOLDER = Path(__file__).parent / "packages"
MODULES = sorted(path.stem for path in FOLDER.glob("evil_*.py"))
LIMITS = {"timeout_s": 5, "cpu_s": 2, "memory_mb": 96, "tmp_mb": 16, "processes": 16}
HOSTILE = "hostile"
ATTACK = """
import {module}
import evil
def run(items):
    return [{{'escaped': list(evil.ROOT)}}]
"""
# Spoilt in whatever way: only that nobody is to try it again.
ITS_OWN_FAULT = {outcome for outcome in Outcome if outcome is not Outcome.INFRASTRUCTURE}
VICTIM = """
import builtins, json, os, signal, sys, threading, time
def processes():
    found = {}
    for name in os.listdir('/proc'):
        if name.isdigit() and int(name) != os.getpid():
            try:
                with open(f'/proc/{name}/status') as file:
                    told = dict(line.split(':', 1) for line in file if ':' in line)
            except OSError:
                continue
            uid = int(told['Uid'].split()[0])
            found.setdefault(uid, []).append(
                [told['Name'].strip(), told['State'].split()[0], int(told['Threads'])])
    return found
def run(items):
    found = processes()
    until = time.monotonic() + 2
    # One that is being born has not dropped root yet.
    while len(found.get(0, [])) > 2 and time.monotonic() < until:
        found = processes()
    mine = found.pop(os.getuid(), [])
    roots = found.pop(0, [])
    return [{
        'secret': items[0]['secret'],
        'own processes': mine,
        'of root': len(roots),
        'threads of root': [one for one in roots if one[2] != 1],
        'names': [one for some in found.values() for one in some if one[0] == 'zzsurvivor'],
        # Those that stand by wait for an order, and those that have imported something are stopped.
        'odd': [some for some in found.values()
                if len(some) != 1 or some[0][1] not in 'STDR' or some[0][2] != 1],
        'modules': [name for name in sys.modules if name.startswith('evil')],
        'poisoned': [m.__name__ for m in (json, os, sys, builtins) if hasattr(m, 'poisoned')],
        'whole': len('xy') == 2 and json.loads('[1]') == [1] and sys.getrecursionlimit() > 900,
        'threads': threading.active_count(),
        'timers': [signal.getitimer(which) for which in range(3)],
        'handled': [n for n in (10, 14, 15, 17, 23) if signal.getsignal(n) != signal.SIG_DFL],
        'environment': os.environ.get('poison'),
        'priority': os.getpriority(os.PRIO_PROCESS, 0),
        'tmp': os.listdir('/tmp') + os.listdir('/dev/shm'),
    }]
"""


@pytest.fixture(scope="module")
def index() -> Iterator[PackageIndex]:
    found = PackageIndex()
    files = {path.name: path.read_bytes() for path in FOLDER.glob("*.py")}
    found.add(make_wheel(HOSTILE, "1.0", files))
    yield found
    found.close()


@pytest.fixture(scope="module")
def runner(
    index: PackageIndex, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunnerProcess]:
    data = tmp_path_factory.mktemp("hostile") / "data"
    with running(data, TREADLE_PACKAGE_INDEX=index.url) as process:
        yield process
        assert process.stop() == 0
        assert processes_of(data) == []
        assert "Traceback" not in process.said()


def assert_unharmed(runner: RunnerProcess, secret: str, **where: Any) -> None:
    result = runner.run(VICTIM, [{"secret": secret}], limits=LIMITS, **where)
    assert result.items is not None, result
    (seen,) = result.items
    assert seen == {
        "secret": secret,
        "own processes": [],
        "of root": 2,
        "threads of root": [],
        "names": [],
        "odd": [],
        "modules": [],
        "poisoned": [],
        "whole": True,
        "threads": 1,
        "timers": [[0.0, 0.0]] * 3,
        "handled": [],
        "environment": None,
        "priority": 0,
        "tmp": [],
    }
    assert result.logs == []


@pytest.mark.parametrize(
    ("module", "mode"),
    [
        pytest.param(module, mode, marks=[pytest.mark.slow] * ((number + (mode == "warm")) % 2))
        for number, module in enumerate(MODULES)
        for mode in ("run", "warm")
    ],
)
def test_a_hostile_package_harms_the_steps_that_import_it_and_nobody_else(
    index: PackageIndex, runner: RunnerProcess, module: str, mode: str
) -> None:
    lock = index.pinned(HOSTILE)
    workspace = f"{module}-{mode}"
    code = ATTACK.format(module=module)
    for turn in range(3):
        # The second and third find it imported ahead, or being imported.
        result = runner.run(code, [{}], lock=lock, workspace=workspace, mode=mode, limits=LIMITS)
        assert result.outcome in ITS_OWN_FAULT
        assert not any(item.get("escaped") for item in result.items or []), result.items
        for way in ("run", "warm"):
            assert_unharmed(runner, f"{turn} {way}", lock=lock, workspace=workspace, mode=way)
    assert_unharmed(runner, "no packages", workspace=workspace)
    assert_unharmed(runner, "elsewhere", lock=lock, workspace="another")
    assert runner.health()["state"] == "ready"


def test_the_package_is_what_it_says(index: PackageIndex, runner: RunnerProcess) -> None:
    """The control: each module runs, and does at least a part of what it tries."""
    lock = index.pinned(HOSTILE)
    seen = {}
    for module in MODULES:
        code = (
            f"import os\nbefore = len(os.listdir('/proc'))\nimport {module}\nimport threading\n"
            "def run(items):\n    return [{'threads': threading.active_count(),\n"
            "        'more': len(os.listdir('/proc')) - before}]"
        )
        seen[module] = runner.run(code, lock=lock, workspace="control", limits=LIMITS)
    items = {module: (result.items or [{}])[0] for module, result in seen.items()}
    told = {
        module: (result.error.message if result.error else "") for module, result in seen.items()
    }
    # Processes that stand by for other runs may be born meanwhile.
    assert items["evil_quiet"]["threads"] == 1
    assert items["evil_patient"]["more"] > 0
    # What it leaves kills all it may kill, and may reach the process that left it before the end.
    survivors = items["evil_survivors"].get("more", 0) > 0 or told["evil_survivors"]
    assert survivors, seen["evil_survivors"]
    assert items["evil_threads"].get("threads") == 2 or "signal" in told["evil_threads"], told
    assert "signal 9" in told["evil_end"] or "exit" in told["evil_end"], told
    assert items["evil_patches"] != {"threads": 1, "more": 0}
    for module in ("evil_pipes", "evil_speaker"):
        # It spoils its own result, if it does not leave that to the others.
        assert "result" in told[module] or items[module].get("threads") == 1, told
