"""Processes of tests side by side: how many, on which ports, and what is left when they die."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests import postgres_server
from tests.plugins.workers import EACH_NEEDS, number_of_workers
from tests.ports import free_port
from tests.waiting import until

REPOSITORY = Path(__file__).resolve().parents[2]
STARTS_SERVERS = """
import os, sys
from pathlib import Path
from tests.local_emulator.running import Running
from tests.postgres_server import PostgresServer
from tests.redis_server import RedisServer
folder = Path(sys.argv[1])
servers = PostgresServer(), RedisServer(folder)
running = Running([sys.executable, "-c", "import time; time.sleep(600)"])
print("up", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize(
    ("cores", "memory", "expected"),
    [(2, 24 << 30, 4), (8, 24 << 30, 12), (8, EACH_NEEDS, 1), (1, 1 << 30, 1), (4, 64 << 30, 8)],
)
def test_there_are_as_many_as_cores_and_memory_bear(cores: int, memory: int, expected: int) -> None:
    assert number_of_workers(cores, memory) == expected


def test_a_port_is_for_whoever_was_told_of_it() -> None:
    port = free_port()
    with socket.socket() as stranger:
        with pytest.raises(OSError, match="in use"):
            stranger.bind(("127.0.0.1", port))
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 1)
    for _restart in range(2):
        with socket.create_server(("127.0.0.1", port)):
            socket.create_connection(("127.0.0.1", port), 1).close()


@pytest.mark.postgres
@pytest.mark.redis
def test_servers_die_with_the_process_of_tests_that_started_them(tmp_path: Path) -> None:
    tests = subprocess.Popen(
        [sys.executable, "-c", STARTS_SERVERS, str(tmp_path)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert tests.stdout is not None
    assert tests.stdout.readline() == "up\n"
    servers = psutil.Process(tests.pid).children(recursive=True)
    assert {"postgres", "redis-server"} <= {server.name() for server in servers}
    tests.send_signal(signal.SIGKILL)
    tests.communicate()
    until(
        lambda: not any(server.is_running() and server.status() != "zombie" for server in servers),
        lambda: f"the end of {servers}",
    )


def test_what_killed_tests_left_in_memory_goes_with_the_next_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def folder_of(pid: int) -> Path:
        made = tmp_path / f"{postgres_server.PREFIX}{pid}"
        made.mkdir()
        (made / postgres_server.OWNER).write_text(str(pid))
        return made

    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left, used = folder_of(ended.pid), folder_of(psutil.Process().pid)
    monkeypatch.setattr(postgres_server, "MEMORY", tmp_path)
    postgres_server.memory()
    assert not left.exists()
    assert used.exists()
