"""New code takes the place of old code, with small stand-ins as parts."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil
import pytest

from local_emulator.part import Part
from tests.local_emulator.running import Running, gone, program
from tests.local_emulator.test_supervisor import POLITE, SLEEPER, pids
from tests.waiting import until

ORDERING = """
import os, signal, sys
tell = int(sys.argv[sys.argv.index("--tell") + 1])
signal.signal(signal.SIGUSR1, lambda *_: os.write(tell, (sys.argv[1] + "\\n").encode()))
os.write(tell, b"ready\\n")
print("orders", os.getpid(), flush=True)
while True:
    signal.pause()
"""
WORKER = """
import os, signal, sys
from pathlib import Path
folder = Path(sys.argv[1])
tell = int(sys.argv[sys.argv.index("--tell") + 1])
def end(*_):
    print("left by", os.getpid(), flush=True)
    if not (folder / "linger").exists():
        sys.exit(0)
signal.signal(signal.SIGTERM, end)
print("up", os.getpid(), os.environ.get("TREADLE_PROCESS_NAME", "-"), flush=True)
if (folder / "broken").exists():
    sys.exit("no such name")
while (folder / "slow").exists():
    pass
os.write(tell, b"ready\\n")
while True:
    signal.pause()
"""


def ordering(folder: Path, names: str) -> Part:
    """A part that asks for others to be started again, each time it gets SIGUSR1."""
    return Part(name="orders", command=(*program(folder, "o", ORDERING), names), tells=True)


def ask(running: Running) -> None:
    running.says("| orders")
    os.kill(pids(running, "orders")[0], signal.SIGUSR1)


def ups(running: Running) -> list[int]:
    lines = [line.split("| up ")[1] for line in running.log if "| up " in line]
    return [int(line.split()[0]) for line in lines]


@pytest.fixture
def worker(tmp_path: Path) -> Part:
    command = (*program(tmp_path, "w", WORKER), str(tmp_path))
    return Part(name="worker-1", label="worker", command=command, tells=True, twice=True)


def test_the_new_process_is_ready_before_the_old_one_is_told_to_leave(
    tmp_path: Path, worker: Part
) -> None:
    with Running.of_parts(worker, ordering(tmp_path, '["worker-1"]')) as running:
        running.says("ready")
        ask(running)
        running.says("| left by")
        said = [line.split("| ")[1] for line in running.log if line.startswith("worker")]
        old, new = ups(running)
        assert said[1:] == [f"up {new} worker-1.2", "runs the new code", f"left by {old}"]
        until(lambda: gone({old}), "the old one ends")
        assert running.count("ended (") == 0
        family = running.family
        assert new in family
        assert running.ask_to_stop() == 0
        assert gone(family)


def test_code_that_does_not_start_leaves_the_old_process_in_its_place(
    tmp_path: Path, worker: Part
) -> None:
    with Running.of_parts(worker, ordering(tmp_path, '["worker-1"]')) as running:
        running.says("ready")
        (tmp_path / "broken").touch()
        ask(running)
        running.says("does not start with the new code (exit code 1); the old one goes on")
        assert psutil.pid_exists(ups(running)[0])
        (tmp_path / "broken").unlink()
        ask(running)
        running.says("runs the new code")
        # Once for the failure, once for what was mended: nothing tried in between.
        assert len(ups(running)) == 3
        assert running.ask_to_stop() == 0


def test_what_comes_after_a_part_waits_for_its_new_code_and_keeps_its_own_if_that_fails(
    tmp_path: Path, worker: Part
) -> None:
    later = Part(
        name="later-1",
        label="later",
        command=program(tmp_path, "l", POLITE),
        after=("worker-1",),
    )
    with Running.of_parts(worker, later, ordering(tmp_path, '["later-1", "worker-1"]')) as running:
        running.says("ready")
        running.says("later  | up")
        (tmp_path / "broken").touch()
        ask(running)
        running.says("does not start")
        assert running.count("finished my work") == 0
        (tmp_path / "broken").unlink()
        ask(running)
        running.says("later  | up", times=2)
        said = [line.split("| ")[1] for line in running.log]
        assert said.index("runs the new code") < said.index("finished my work")
        assert running.ask_to_stop() == 0


def test_a_new_change_takes_the_place_of_one_that_has_not_begun(
    tmp_path: Path, worker: Part
) -> None:
    with Running.of_parts(worker, ordering(tmp_path, '["worker-1"]')) as running:
        running.says("ready")
        (tmp_path / "slow").touch()
        ask(running)
        running.says("| up", times=2)
        ask(running)
        running.says("| up", times=3)
        (tmp_path / "slow").unlink()
        running.says("runs the new code")
        first, dropped, last = ups(running)
        until(lambda: gone({first, dropped}), "all but the last end")
        assert psutil.pid_exists(last)
        assert running.count("runs the new code") == 1
        assert running.ask_to_stop() == 0


def test_a_part_of_which_there_can_be_one_only_is_stopped_first(tmp_path: Path) -> None:
    polite = Part(name="polite", command=program(tmp_path, "p", POLITE), stops_last=True)
    with Running.of_parts(polite, ordering(tmp_path, '["polite"]')) as running:
        running.says("| up")
        ask(running)
        running.says("| up", times=2)
        said = [line.split("| ")[1].split()[0] for line in running.log if "polite" in line]
        assert said == ["up", "is", "finished", "up"]
        assert running.count("ended (") == 0
        assert running.ask_to_stop() == 0


def test_a_part_whose_rehearsal_fails_is_not_stopped(tmp_path: Path) -> None:
    rehearsal = program(tmp_path, "r", "raise SystemExit('cannot be loaded')")
    sleeper = Part(name="s", command=program(tmp_path, "s", SLEEPER), rehearsal=rehearsal)
    with Running.of_parts(sleeper, ordering(tmp_path, '["s"]')) as running:
        running.says("| up")
        ask(running)
        running.says("cannot be loaded")
        running.says("does not start with the new code")
        assert running.count("| up") == 1
        assert not gone(set(pids(running)))
        assert running.ask_to_stop() == 0


def test_a_stop_also_ends_who_is_still_leaving(tmp_path: Path, worker: Part) -> None:
    (tmp_path / "linger").touch()
    with Running.of_parts(worker, ordering(tmp_path, '["worker-1"]')) as running:
        running.says("ready")
        ask(running)
        running.says("| left by")
        family = running.family
        assert set(ups(running)) < family
        (tmp_path / "linger").unlink()
        assert running.ask_to_stop() == 0
        assert gone(family)
