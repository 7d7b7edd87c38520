"""Starting, refusing, stopping and dying: nothing runs unsandboxed and nothing is left behind."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import psutil
import pytest

from layers.errors import Conflict, InvalidInput
from layers.sandbox import Outcome, RunnerClient, SandboxUnavailable
from tests.sandbox_runner.runner_process import RunnerProcess, processes_of, running
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.sandbox

FINE = "def run(items):\n    return [{'fine': True}]"
SLOW = "import time\ndef run(items):\n    time.sleep(600)"
LONG = {"timeout_s": 600}


def test_health_tells_what_the_runner_is(runner: RunnerProcess) -> None:
    health = runner.health()
    assert health["state"] == "ready"
    assert health["platform"] in ("ptrace", "systrap", "kvm")
    assert health["runsc"]
    assert set(health["boxes"]) == {"ready", "idle", "busy", "starting", "waiting"}


def test_the_runner_itself_stays_small(tmp_path: Path) -> None:
    with running(tmp_path / "data") as own:
        assert own.run("def run(items):\n    return []").outcome is Outcome.OK
        assert psutil.Process(own.process.pid).memory_info().rss < 45 << 20


def test_a_wrong_token_is_turned_away(runner: RunnerProcess) -> None:
    async def call() -> int:
        async with aiohttp.ClientSession() as session:
            headers = {"authorization": "Bearer guess"}
            async with session.post(runner.url + "/runs", headers=headers, data=b"{}") as answer:
                return answer.status

    assert runner.await_(call()) == 401


def test_a_bad_request_points_at_each_mistake(runner: RunnerProcess) -> None:
    with pytest.raises(InvalidInput) as caught:
        runner.run(FINE, limits={"timeout_s": -1, "processes": 10**9}, per="never")
    pointers = {error.pointer for error in caught.value.errors}
    assert pointers == {"/limits/timeout_s", "/limits/processes", "/per"}


def test_a_run_id_that_is_running_is_refused(runner: RunnerProcess) -> None:
    request = runner.request(SLOW, run_id="the same", limits=LONG)
    first = runner.begin(request)
    with pytest.raises(Conflict):
        runner.await_(runner.client.run(request))
    runner.await_(runner.client.cancel(request.run_id))
    assert runner.await_(first).outcome is Outcome.CANCELLED


def test_nobody_there_is_unavailable(tmp_path: Path) -> None:
    async def call() -> None:
        client = RunnerClient("http://127.0.0.1:9", "token")
        try:
            with pytest.raises(SandboxUnavailable, match="treadle runner"):
                await client.health()
        finally:
            await client.close()

    asyncio.run(call())


def test_without_runsc_every_run_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with running(
        tmp_path / "data", refuses=True, TREADLE_RUNSC=str(tmp_path / "nothing")
    ) as runner:
        with pytest.raises(SandboxUnavailable, match="treadle setup"):
            runner.run(FINE)


def test_without_a_root_every_run_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with running(tmp_path / "data", refuses=True, TREADLE_SANDBOX_ROOTFS=str(tmp_path)) as runner:
        with pytest.raises(SandboxUnavailable, match="treadle setup"):
            runner.run(FINE)


def test_a_runsc_that_contains_nothing_is_refused(tmp_path: Path) -> None:
    fake = tmp_path / "runsc"
    fake.write_text('#!/bin/sh\n[ "$1" = --version ] && echo runsc version fake && exit\nexit 1\n')
    fake.chmod(0o755)
    with running(tmp_path / "data", refuses=True, TREADLE_RUNSC=str(fake)) as runner:
        with pytest.raises(SandboxUnavailable):
            runner.run(FINE)


def test_a_second_runner_does_not_disturb_the_first(runner: RunnerProcess) -> None:
    with pytest.raises(RuntimeError, match="Another sandbox runner"):
        RunnerProcess(runner.data)
    assert runner.run(FINE).outcome is Outcome.OK


def test_terminating_removes_every_sandbox_and_ends_well(tmp_path: Path) -> None:
    with running(tmp_path / "data") as runner:
        asked = runner.begin(runner.request(SLOW, limits=LONG))
        groups = runner.groups()
        runner.process.terminate()
        with pytest.raises(SandboxUnavailable):
            runner.await_(asyncio.wait_for(asked, PATIENCE_S))
        assert runner.process.wait(PATIENCE_S) == 0
        assert runner.boxes() == []
        assert processes_of(runner.data) == []
        assert not any(group.exists() for group in groups)


def test_killing_the_runner_kills_its_sandboxes_and_the_next_one_cleans_up(tmp_path: Path) -> None:
    with running(tmp_path / "data") as runner:
        asked = runner.begin(runner.request(SLOW, limits=LONG))
        groups, boxes = runner.groups(), runner.boxes()
        assert boxes
        runner.kill()
        with pytest.raises(SandboxUnavailable):
            runner.await_(asked)
        runner.until(lambda: processes_of(runner.data) == [])
        runner.start()
        assert runner.run(FINE).outcome is Outcome.OK
        assert not set(boxes) & set(runner.boxes())
        # The kernel keeps a group for as long as an ended process of it is not yet gone.
        runner.until(lambda: not any(group.exists() for group in groups))


def test_a_sandbox_that_dies_is_replaced(tmp_path: Path) -> None:
    with running(tmp_path / "data") as runner:
        assert runner.run(FINE, workspace="mortal").outcome is Outcome.OK
        runner.rest()
        for name in runner.boxes():
            for process in psutil.process_iter(["cmdline"]):
                line = process.info["cmdline"] or []
                if name in line and "runsc-sandbox" in line[0]:
                    process.kill()

        def served() -> bool:
            try:
                return runner.run(FINE, workspace="mortal").outcome is Outcome.OK
            except SandboxUnavailable:
                return False  # What a caller retries.

        runner.until(served)
