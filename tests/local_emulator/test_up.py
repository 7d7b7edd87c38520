"""``treadle up``, the real product."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest

from tests.local_emulator.running import Running, gone
from tests.local_emulator.test_commands import TREADLE
from tests.waiting import PATIENCE_S, until

READY = "Treadle is ready at "


def start(data: Path, *options: str) -> Running:
    return Running([TREADLE, "up", "--port", "0", "--data", str(data), *options])


def address(running: Running) -> str:
    running.says(READY)
    return next(line for line in running.out if line.startswith(READY)).removeprefix(READY)


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE_S) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def part(running: Running, name: str) -> int | None:
    for child in psutil.Process(running.process.pid).children():
        with contextlib.suppress(psutil.Error):
            if any(name in word for word in child.cmdline()):
                return child.pid
    return None


def kill_part(running: Running, name: str) -> None:
    until(lambda: part(running, name), f"{name} runs")
    pid = part(running, name)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    until(lambda: part(running, name) not in (None, pid), f"{name} runs again")


@pytest.mark.faults
def test_it_serves_survives_kills_keeps_its_folder_and_stops_cleanly(tmp_path: Path) -> None:
    with start(tmp_path, "--no-demo") as running:
        url = address(running)
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
        assert running.out == [READY + url]
        # Two threads read the two outputs, and this one may be the later.
        until(lambda: running.log, "a line in the log")
        assert "Back it up" in running.log[0]
        assert status(f"{url}/readyz") == 200
        assert psutil.Process(running.process.pid).memory_info().rss < 25 * 1024 * 1024

        with start(tmp_path, "--no-demo") as second:
            assert second.finish() == 1
            assert second.out == []
            assert "Another 'treadle up' runs on" in second.log[0]

        for name in ("parts.gateway", "parts.worker", "parts.scheduler", "sandbox_runner"):
            kill_part(running, name)
        # Nobody is turned away meanwhile: the caller waits in line for the next gateway.
        assert status(f"{url}/healthz") == 200
        running.says("ended (SIGKILL)", times=4)

        family = running.family
        assert running.ask_to_stop() == 0
        assert gone(family)


@pytest.mark.faults
def test_kill_9_of_everything_at_once_leaves_nothing_and_it_starts_again(tmp_path: Path) -> None:
    with start(tmp_path, "--no-demo") as running:
        address(running)
        family = running.family
        assert len(family) >= 4
        running.ask_to_stop(signal.SIGKILL)
        until(lambda: gone(family), "every process ends")
    with start(tmp_path, "--no-demo") as again:
        assert status(f"{address(again)}/readyz") == 200
        assert not any("Back it up" in line for line in again.log)
        assert again.ask_to_stop() == 0


@pytest.mark.sandbox
def test_the_demo_answers_three_orders_and_finds_its_account_again(tmp_path: Path) -> None:
    passwords = []
    for _ in range(2):
        with start(tmp_path) as running:
            url = address(running)
            running.says("Ctrl-C stops it.")
            text = "\n".join(running.out)
            assert "a bad one: 422" in text
            assert "reason: An order needs an id, a customer and at least one line." in text
            assert "a small one: 200" in text
            assert "customer: Grace Hopper (silver)" in text
            assert "a big one: 202" in text
            assert "total: 1516.5" in text
            assert f"Treadle is at {url}" in text
            passwords.append(next(line for line in running.out if "password:" in line))
            assert running.ask_to_stop() == 0
    assert passwords[0] == passwords[1]
    kept = tmp_path / "demo.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert json.loads(kept.read_text())["email"] == "demo@treadle.local"


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with start(tmp_path / "one", "--no-demo") as running:
        port = address(running).rsplit(":", 1)[1]
        again = [TREADLE, "up", "--no-demo", "--port", port, "--data", str(tmp_path / "two")]
        with Running(again) as second:
            assert second.finish() == 1
            assert f"Port {port} on 127.0.0.1 cannot be used" in second.log[0]
        assert running.ask_to_stop() == 0
