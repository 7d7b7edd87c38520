"""What a run prints is heard while it runs, over the runner's own socket."""

from __future__ import annotations

import asyncio

import pytest

from layers.sandbox.port import Outcome, SandboxRequest, SandboxResult
from sandbox_runner.live import Heard
from tests.sandbox_runner.listening import listen
from tests.sandbox_runner.runner_process import ENOUGH_S, RunnerProcess
from tests.waiting import PATIENCE_S

SLOW = """
import sys, time
def run(items):
    print("one")
    print("tw", end="")
    print("o ü")
    print("wrong", file=sys.stderr)
    time.sleep(600)
    return items
"""
WAITS = "import time\ndef run(items):\n    time.sleep({})\n    print('ü' * {})\n    return items\n"


def test_lines_are_heard_before_the_run_is_over_and_a_cancel_ends_it(
    runner: RunnerProcess,
) -> None:
    heard: list[tuple[str, str]] = []
    all_there = asyncio.Event()

    def hear(stream: str, text: str) -> None:
        heard.append((stream, text))
        if (said("stdout"), said("stderr")) == ("one\ntwo ü\n", "wrong\n"):
            all_there.set()

    def said(stream: str) -> str:
        return "".join(text for name, text in heard if name == stream)

    async def story(request: SandboxRequest) -> SandboxResult:
        run = asyncio.create_task(runner.client.run(request, hear))
        await asyncio.wait_for(all_there.wait(), PATIENCE_S)
        assert not run.done()
        await runner.client.cancel(request.run_id)
        return await run

    ended = runner.await_(story(runner.request(SLOW, limits={"timeout_s": 600})))
    assert ended.outcome is Outcome.CANCELLED
    assert said("stdout") == "one\ntwo ü\n"
    assert said("stderr") == "wrong\n"


@pytest.mark.parametrize("seconds", [0, 0.5])
def test_the_result_has_all_of_the_logs_streamed_or_not(
    runner: RunnerProcess, seconds: float
) -> None:
    heard: list[str] = []
    request = runner.request(WAITS.format(seconds, 9000), [{"a": "x\ny"}])
    ended = runner.await_(runner.client.run(request, lambda _, text: heard.append(text)))
    assert ended.outcome is Outcome.OK
    assert ended.items == [{"a": "x\ny"}]
    assert "".join(one["text"] for one in ended.logs) == "ü" * 9000 + "\n"
    assert "".join(heard) in ("", "ü" * 9000 + "\n")
    assert ended.limits["timeout_s"] == ENOUGH_S
    assert ended.limits["memory_mb"] == 256


def test_an_answer_that_is_written_over_lines_of_its_own_is_one_answer(
    runner: RunnerProcess,
) -> None:
    code = (
        "import os, struct, time\n"
        "def run(items):\n"
        "    print('heard', flush=True)\n"
        "    time.sleep(PAUSE)\n"
        "    text = b'V[\\n{\\r\\n\"a\": 1}\\n]\\n'\n"
        "    os.write(4, struct.pack('<I', len(text)) + text)\n"
        "    time.sleep(600)\n"
    )
    ended, heard = listen(runner, code)
    assert (ended.outcome, ended.items) == (Outcome.OK, [{"a": 1}])
    assert heard == "heard\n"


def test_who_hangs_up_while_listening_ends_the_run(runner: RunnerProcess) -> None:
    heard = asyncio.Event()

    async def story() -> None:
        request = runner.request(SLOW, limits={"timeout_s": 600})
        run = asyncio.create_task(runner.client.run(request, lambda *_: heard.set()))
        await asyncio.wait_for(heard.wait(), PATIENCE_S)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run

    runner.await_(story())
    runner.rest()


def test_a_flood_of_lines_arrives_whole(runner: RunnerProcess) -> None:
    code = "def run(items):\n    for n in range(3000): print(n)\n    return items\n"
    ended = runner.run(code)
    assert "".join(one["text"] for one in ended.logs) == "".join(f"{n}\n" for n in range(3000))


def test_characters_cut_in_two_are_put_together() -> None:
    heard = Heard()
    for byte in "aü€".encode():
        heard.hear("stdout", bytes([byte]))
    assert heard.lines().decode() == '{"stream":"stdout","text":"aü€"}\n'
    assert heard.lines() == b""
