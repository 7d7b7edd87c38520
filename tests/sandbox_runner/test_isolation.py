"""What one run leaves, another does not find; and one workspace cannot starve another."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest

from layers.sandbox import Outcome, SandboxUnavailable
from tests.sandbox_runner.runner_process import RunnerProcess, processes_of, running
from tests.sandbox_runner.togetherness import meeting

pytestmark = pytest.mark.sandbox

SLOW = "import time\ndef run(items):\n    time.sleep(600)"
LONG = {"timeout_s": 600}

LEAVE = """
import builtins, os, sys, threading, time, json
count = 0
def run(items):
    global count
    count += 1
    seen = os.listdir('/tmp')
    open('/tmp/left', 'w').close()
    os.makedirs('/tmp/deep/er')
    os.environ['LEFT'] = 'yes'
    os.chdir('/')
    return [{'count': count, 'seen': seen, 'cwd': 0, 'pid': os.getpid()}]
"""
LOOK = """
import os, json, socket
def run(items):
    others = [p for p in os.listdir('/proc') if p.isdigit() and p not in ('1', str(os.getpid()))]
    mine = [p for p in others if os.stat('/proc/' + p).st_uid == os.getuid()]
    return [{'tmp': os.listdir('/tmp'), 'shm': os.listdir('/dev/shm'), 'mine': mine,
             'patched': hasattr(json, 'patched'), 'env': 'LEFT' in os.environ,
             'fds': sorted(int(f) for f in os.listdir('/proc/self/fd') if int(f) < 100)[:5]}]
"""


CAPABILITIES = """
import os
def run(items):
    told = {}
    for process in ('1', '2', str(os.getpid())):
        with open(f'/proc/{process}/status') as status:
            told[process] = [int(l.split()[1], 16) for l in status if l[:6] in ('CapEff', 'CapPrm')]
    return [{'told': list(told.values())}]
"""


def test_each_process_of_the_guest_may_do_its_own_work_only(runner: RunnerProcess) -> None:
    items = runner.run(CAPABILITIES, workspace="capabilities").items
    assert items is not None
    nursery, zygote, job = items[0]["told"]
    assert nursery == [1 << 21 | 1 << 7 | 1 << 6] * 2  # SYS_ADMIN, SETUID, SETGID
    assert zygote == [1 << 5 | 1 << 2] * 2  # KILL, DAC_READ_SEARCH
    assert job == [0, 0]


def test_a_run_finds_nothing_of_the_run_before(runner: RunnerProcess) -> None:
    leave = (
        "import json, os, subprocess, sys, time\n"
        "def run(items):\n"
        "    json.patched = True\n    os.environ['LEFT'] = 'yes'\n"
        "    open('/tmp/left', 'w').close()\n    open('/dev/shm/left', 'w').close()\n"
        "    if os.fork() == 0:\n        os.setsid()\n        time.sleep(600)\n"
        "    return [{'a': 1}]\n"
    )
    assert runner.run(leave, workspace="isolation").outcome is Outcome.OK
    result = runner.run(LOOK, workspace="isolation")
    assert result.items is not None, result
    found = result.items[0]
    assert found["tmp"] == found["shm"] == found["mine"] == []
    assert not found["patched"]
    assert not found["env"]


def test_warm_keeps_globals_and_resets_everything_else(runner: RunnerProcess) -> None:
    def run(workspace: str) -> dict[str, Any]:
        result = runner.run(LEAVE, workspace=workspace, mode="warm")
        assert result.items is not None, result
        return result.items[0]

    first, second = meeting(runner, run, 2, lambda found: found[1]["count"] == 2)
    assert second["pid"] == first["pid"]
    assert second["seen"] == []


def test_run_mode_never_keeps_globals(runner: RunnerProcess) -> None:
    counts = [runner.run(LEAVE, workspace="cold").items for _ in range(2)]
    assert [items[0]["count"] for items in counts if items] == [1, 1]


def test_warm_interpreters_are_not_shared_by_other_code_or_workspaces(
    runner: RunnerProcess,
) -> None:
    for workspace, code in (("warm-1", LEAVE), ("warm-2", LEAVE), ("warm-1", LEAVE + "\n#")):
        result = runner.run(code, workspace=workspace, mode="warm")
        assert result.items is not None
        assert result.items[0]["count"] == 1


def test_builtins_patched_in_a_warm_run_are_whole_again_in_the_next(runner: RunnerProcess) -> None:
    code = (
        "import builtins\nseen = []\n"
        "def run(items):\n    seen.append(len('ab'))\n    builtins.len = lambda v: 42\n"
        "    return [{'seen': seen}]"
    )

    def run(workspace: str) -> list[int]:
        result = runner.run(code, workspace=workspace, mode="warm")
        assert result.items is not None, result
        return list(result.items[0]["seen"])

    assert meeting(runner, run, 2, lambda found: len(found[1]) == 2) == [[2], [2, 2]]


# Ways to open a file whose code has none of the words by which such code is known.
SECRETLY = {
    "letters that stand for others": "    \uff4fpen('/tmp/left', 'x').close()\n",
    "a pattern of a class": (
        "    def look(value, name):\n"
        "        meta = type('M', (type,), {f'{_}instancecheck{_}': lambda *a: True})\n"
        "        kind = meta('K', (), {f'{_}mat' + f'ch_args{_}': (name,)})\n"
        "        match value:\n"
        "            case kind(found):\n"
        "                return found\n"
        "    known = look(run, f'{_}glo' + f'bals{_}')[f'{_}buil' + f'tins{_}']\n"
        "    look(known, 'op' + 'en')('/tmp/left', 'x').close()\n"
    ),
    "another name in a generator's code": (
        "    made = (some('/tmp/left', 'x') for _ in [1]).gi_code\n"
        "    list(type(run)(made.replace(co_names=('op' + 'en',)), {})(iter([1])))\n"
    ),
}


@pytest.mark.parametrize("way", SECRETLY)
def test_what_a_warm_run_does_in_secret_is_put_back_as_well(
    runner: RunnerProcess, way: str
) -> None:
    code = f"_ = '_' * 2\nruns = []\ndef run(items):\n    runs.append(1)\n{SECRETLY[way]}"
    code += "    return [{'runs': len(runs)}]\n"

    def run(workspace: str) -> int:
        result = runner.run(code, workspace=workspace, mode="warm")
        assert result.items is not None, result
        return int(result.items[0]["runs"])

    meeting(runner, run, 2, lambda found: found == [1, 2])


def test_a_warm_interpreter_with_a_thread_left_is_not_used_again(runner: RunnerProcess) -> None:
    code = (
        "import threading, time\ncount = 0\n"
        "def run(items):\n    global count\n    count += 1\n"
        "    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n"
        "    return [{'count': count}]"
    )
    for _ in range(2):
        assert runner.run(code, workspace="threads", mode="warm").items == [{"count": 1}]


def test_workspaces_never_share_a_sandbox(runner: RunnerProcess) -> None:
    """The boot id of a sandbox's own kernel is the same for all of its runs, and only for them."""
    code = (
        "def run(items):\n    return [{'b': open('/proc/self/mountinfo').read(), 'x': hash('x')}]"
    )
    hashes = {}
    for workspace in ("share-a", "share-b", "share-a", "share-b"):
        items = runner.run(code, workspace=workspace).items
        assert items is not None
        hashes.setdefault(workspace, set()).add(items[0]["x"])
    # String hashes are salted once a zygote: equal within a sandbox, different between two.
    assert not hashes["share-a"] & hashes["share-b"]


def test_a_busy_workspace_leaves_room_for_another(runner: RunnerProcess) -> None:
    fast = "def run(items):\n    return [{'done': True}]"
    requests = [runner.request(SLOW, workspace="hog", limits=LONG) for _ in range(12)]
    runner.rest()
    hogs = [runner.loop.create_task(runner.client.run(request)) for request in requests]
    runner.until(lambda: runner.busy() > 0)
    assert runner.run(fast, workspace="guest").outcome is Outcome.OK
    assert not any(hog.done() for hog in hogs)
    for request, hog in zip(requests, hogs, strict=True):
        runner.await_(runner.client.cancel(request.run_id))
        assert runner.await_(hog).outcome is Outcome.CANCELLED
    # Those that are being removed still have their folders.
    runner.until(lambda: len(runner.boxes()) <= 8)


SALT = "def run(items):\n    return [{'salt': hash('x')}]"


def test_a_run_of_single_use_has_a_sandbox_that_is_nobody_elses_and_goes(
    runner: RunnerProcess,
) -> None:
    def run(workspace: str) -> list[int]:
        seen = []
        for fields in ({}, {"single_use": True}, {"single_use": True}, {"files": []}, {}):
            result = runner.run(SALT, workspace=workspace, **fields)
            assert result.items is not None, result
            seen.append(result.items[0]["salt"])
            runner.rest()
        return seen

    # The first sandbox is left for the last run, unless it had to make room or was given up.
    (seen,) = meeting(runner, run, 1, lambda found: found[0][0] == found[0][4])
    assert len(set(seen)) == 4


def test_where_the_instance_says_so_every_run_has_a_sandbox_of_its_own(tmp_path: Path) -> None:
    with running(tmp_path / "data", TREADLE_SANDBOX_SINGLE_USE="true") as runner:
        salts = {str(runner.run(SALT, mode=mode).items) for mode in ("run", "warm", "run")}
        assert len(salts) == 3
        runner.rest()
        assert runner.health()["boxes"]["idle"] == 0


CROWD = """
import os, time
def run(items):
    for _ in range(60):
        if os.fork() == 0:
            time.sleep(600)
    return []
"""


def test_what_stood_for_ended_processes_is_no_later_runs_burden(tmp_path: Path) -> None:
    def crowded() -> list[Path]:
        found = []
        for group in runner.groups():
            with contextlib.suppress(OSError):  # It is not of the kind that counts, or is gone.
                if int((group / "pids.current").read_text()) > 256:
                    found.append(group)
        return found

    with running(tmp_path / "data") as runner:
        for _ in range(4):
            assert (
                runner.run(CROWD, workspace="crowd", limits={"processes": 64}).outcome is Outcome.OK
            )
            runner.rest()
            # A sandbox that could not end them in time is on its way out, and is given no run.
            given_up = crowded()
            runner.until(lambda given_up=given_up: not any(g.exists() for g in given_up))


def test_modules_imported_ahead_carry_nothing_from_run_to_run(runner: RunnerProcess) -> None:
    code = (
        "import collections, decimal, json, random, string, sys\n"
        "def run(items):\n"
        "    seen = [hasattr(json, 'mine'), decimal.getcontext().prec, string.digits,\n"
        "            'x' in json.__dict__, json.loads('1')]\n"
        "    json.mine = True\n    decimal.getcontext().prec = 3\n    string.digits = 'none'\n"
        "    json.__dict__['x'] = 1\n    json.loads = lambda text: 42\n"
        "    return [{'seen': seen, 'random': random.random()}]"
    )
    found = []
    for _ in range(4):
        items = runner.run(code, workspace="ahead").items
        assert items is not None
        found.append(items[0])
    assert [one["seen"] for one in found] == [[False, 28, "0123456789", False, 1]] * 4
    assert len({one["random"] for one in found}) == 4


@pytest.mark.parametrize("call", ["random.random()", "uuid.uuid4().hex", "os.urandom(8).hex()"])
def test_random_numbers_differ_between_runs_that_have_their_module_ahead(
    runner: RunnerProcess, call: str
) -> None:
    code = f"import os, random, uuid\ndef run(items):\n    return [{{'r': {call}}}]"
    assert len({str(runner.run(code, workspace="random").items) for _ in range(4)}) == 4


def test_sandboxes_with_files_and_network_die_with_the_runner(tmp_path: Path) -> None:
    with running(tmp_path / "data") as runner:
        asked = [
            runner.loop.create_task(runner.client.run(runner.request(SLOW, limits=LONG, **fields)))
            for fields in ({"files": []}, {"network": ["example.com:443"]})
        ]
        runner.until(lambda: runner.busy() == 2)
        boxes = runner.data / "sandbox" / "boxes"
        assert list(boxes.glob("*/net/proxy.sock"))
        groups, names = runner.groups(), runner.boxes()
        runner.kill()
        for one in asked:
            with pytest.raises(SandboxUnavailable):
                runner.await_(one)
        runner.until(lambda: processes_of(runner.data) == [])
        runner.start()
        assert not set(names) & set(runner.boxes())
        assert list(boxes.glob("*/net")) == []
        # The kernel keeps a group for as long as an ended process of it is not yet gone.
        runner.until(lambda: not any(group.exists() for group in groups))


def test_a_sandbox_with_a_network_leaves_no_folder_behind(tmp_path: Path) -> None:
    with running(tmp_path / "data") as runner:
        doors = (runner.data / "sandbox" / "boxes").glob
        request = runner.request(SLOW, network=["example.com:443"], single_use=True, limits=LONG)
        run = runner.begin(request)
        assert len(list(doors("*/net"))) == 1
        runner.await_(runner.client.cancel(request.run_id))
        assert runner.await_(run).outcome is Outcome.CANCELLED
        runner.until(lambda: not list(doors("*/net")))
        result = runner.run(SALT, network=["example.com:443"], single_use=True)
        assert result.outcome is Outcome.OK
        runner.until(lambda: not list(doors("*/net")))
