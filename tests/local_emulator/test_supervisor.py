"""The supervisor with small stand-ins as its parts."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil
import pytest

from local_emulator.part import Kind, Part
from tests.local_emulator.running import Running, gone, program
from tests.ports import free_port
from tests.waiting import until

SLEEPER = """
import os, signal
print("up", os.getpid(), flush=True)
signal.pause()
"""
POLITE = """
import os, signal, sys
def end(*_):
    print("finished my work", flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
print("up", os.getpid(), flush=True)
while True:
    signal.pause()
"""
WITH_CHILDREN = """
import os, signal, subprocess, sys
code = "import signal; signal.pause()"
same = subprocess.Popen([sys.executable, "-S", "-E", "-c", code])
away = subprocess.Popen([sys.executable, "-S", "-E", "-c", code], start_new_session=True)
print("have", same.pid, away.pid, flush=True)
signal.pause()
"""
LATE = """
import socket, sys
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
for status in ("503 Not Yet", "200 OK"):
    connection, _ = listener.accept()
    connection.recv(4096)
    print("answered", status, flush=True)
    connection.sendall(f"HTTP/1.1 {status}\\r\\nContent-Length: 0\\r\\n\\r\\n".encode())
    connection.close()
import signal
signal.pause()
"""


@pytest.fixture
def sleeper(tmp_path: Path) -> Part:
    return Part(name="sleeper-1", label="sleeper", command=program(tmp_path, "s", SLEEPER))


def pids(running: Running, word: str = "up") -> list[int]:
    lines = [line.split(" | ")[1].split() for line in running.log if f"| {word} " in line]
    return [int(number) for words in lines for number in words[1:]]


def test_it_says_ready_and_prefixes_each_line_with_its_part(sleeper: Part) -> None:
    with Running.of_parts(sleeper) as running:
        running.says("sleeper | up")
        running.says("ready")
        assert running.out == ["ready"]
        assert not any("\x1b" in line for line in running.log)


def test_a_killed_part_is_started_again_at_once_and_later_after_a_wait(sleeper: Part) -> None:
    with Running.of_parts(sleeper) as running:
        running.says("| up")
        os.kill(pids(running)[0], signal.SIGKILL)
        running.says("| up", times=2)
        assert running.count("ended (SIGKILL), starts again now") == 1
        os.kill(pids(running)[1], signal.SIGKILL)
        running.says("| up", times=3)
        assert running.count("ended (SIGKILL), starts again in 0.5 s") == 1
        assert len(set(pids(running))) == 3


def test_sigterm_lets_the_parts_finish_and_leaves_no_child(tmp_path: Path) -> None:
    polite = Part(name="polite", command=program(tmp_path, "p", POLITE))
    with Running.of_parts(polite) as running:
        running.says("| up")
        family = running.family
        assert running.ask_to_stop() == 0
        assert running.count("finished my work") == 1
        assert family
        assert gone(family)


def test_what_others_need_stops_after_them(tmp_path: Path) -> None:
    command = program(tmp_path, "p", POLITE)
    with Running.of_parts(
        Part(name="base", command=command, stops_last=True), Part(name="user", command=command)
    ) as running:
        running.says("| up", times=2)
        assert running.ask_to_stop(signal.SIGINT) == 0
        ends = [line.split()[0] for line in running.log if "finished" in line]
        assert ends == ["user", "base"]


def test_a_stop_takes_grandchildren_with_it_even_those_in_sessions_of_their_own(
    tmp_path: Path,
) -> None:
    with Running.of_parts(
        Part(name="family", command=program(tmp_path, "f", WITH_CHILDREN))
    ) as running:
        running.says("| have")
        family = running.family
        assert len(family) == 3
        assert running.ask_to_stop() == 0
        assert gone(family)


def test_what_a_killed_part_leaves_behind_is_removed(tmp_path: Path) -> None:
    with Running.of_parts(
        Part(name="family", command=program(tmp_path, "f", WITH_CHILDREN))
    ) as running:
        running.says("| have")
        left = set(pids(running, "have"))
        parent = psutil.Process(next(iter(left))).ppid()
        os.kill(parent, signal.SIGKILL)
        until(lambda: gone(left), "the orphans end")
        running.says("| have", times=2)


def test_kill_9_of_the_supervisor_takes_its_children_along(tmp_path: Path) -> None:
    parts = [
        Part(name=f"polite-{number}", command=program(tmp_path, "p", POLITE)) for number in range(3)
    ]
    with Running.of_parts(*parts) as running:
        running.says("| up", times=3)
        family = running.family
        assert len(family) == 3
        running.ask_to_stop(signal.SIGKILL)
        until(lambda: gone(family), "the children end")


def test_a_part_waits_for_what_comes_before_it(tmp_path: Path, sleeper: Part) -> None:
    port = free_port()
    with Running.of_parts(
        Part(name="task", command=program(tmp_path, "t", "print('task done')"), kind=Kind.TASK),
        Part(
            name="late",
            command=(*program(tmp_path, "late", LATE), str(port)),
            ready_url=f"http://127.0.0.1:{port}/readyz",
            after=("task",),
        ),
        Part(name="sleeper-1", command=sleeper.command, after=("late",)),
    ) as running:
        running.says("| up")
        said = [line.split("|")[1].strip() for line in running.log]
        assert said[:-1] == ["task done", "answered 503 Not Yet", "answered 200 OK"]
        running.says("ready")


def test_a_task_that_fails_ends_everything_with_exit_code_1(tmp_path: Path, sleeper: Part) -> None:
    failing = program(tmp_path, "f", "raise SystemExit(3)")
    with Running.of_parts(sleeper, Part(name="setup", command=failing, kind=Kind.TASK)) as running:
        assert running.finish() == 1
        assert running.count("setup   | failed (exit code 3)") == 1


def test_a_required_part_that_never_starts_ends_everything(tmp_path: Path) -> None:
    failing = program(tmp_path, "f", "raise SystemExit('no such luck')")
    with Running.of_parts(
        Part(name="gateway", command=failing, ready_url="http://127.0.0.1:9/")
    ) as running:
        assert running.finish() == 1
        assert running.count("no such luck") > 1


def test_a_part_that_is_not_required_may_fail(tmp_path: Path, sleeper: Part) -> None:
    failing = program(tmp_path, "f", "raise SystemExit(1)")
    optional = Part(name="o", command=failing, ready_url="http://127.0.0.1:9/", required=False)
    with Running.of_parts(optional, sleeper) as running:
        running.says("ready")
        assert running.ask_to_stop() == 0


def test_it_stays_small(sleeper: Part) -> None:
    with Running.of_parts(sleeper) as running:
        running.says("| up")
        assert psutil.Process(running.process.pid).memory_info().rss < 25 * 1024 * 1024
