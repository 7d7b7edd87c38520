"""A sandbox whose own zygote is the attacker: the runner believes no frame and serves on.

The guest's code is trusted by nobody outside. Here it is replaced while a runner runs, so that new
sandboxes speak like one that was taken over; those made after it is whole again serve as ever.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from layers.sandbox import Outcome, SandboxResult, SandboxUnavailable
from tests.sandbox_runner.runner_process import RunnerProcess, running

pytestmark = pytest.mark.sandbox

FINE = "def run(items):\n    return [{'fine': True}]"
LIMITS = {"timeout_s": 2, "cpu_s": 1, "memory_mb": 64}
MOST_MB = 200
BEGIN = """
import os, struct, time
def frame(tag, payload=b""):
    data = memoryview(tag + struct.pack("<I", len(payload)) + payload)
    while data:
        data = data[os.write(1, data):]
END = b'{"why": "answer", "cut": false, "signal": null, "code": null}'
class Zygote:
    def __init__(self, *_):
        pass
    def serve(self):
        frame(b"R", b"{}")
        os.read(0, 1 << 18)
        self.speak()
    def speak(self):
"""
# What it says once it has an order; whatever that is, the run ends and its result is not believed.
SAYS = {
    "an unknown frame": 'frame(b"Q")',
    "a frame without end": 'os.write(1, b"V" + struct.pack("<I", 0xFFFFFFFF)); time.sleep(60)',
    "half a frame": 'os.write(1, b"V\\0"); time.sleep(60)',
    "empty frames by turns": 'while True: frame(b"O"); frame(b"E")',
    "an answer without end": 'while True: frame(b"V", b"x" * 65536)',
    "prints without end": 'while True: frame(b"O", b"x" * 65536)',
    "ready in the middle": 'frame(b"R", b"{}")',
    "an end that is no object": 'frame(b"X", b"[1, 2]")',
    "an end of odd kinds": 'frame(b"X", b\'{"why":[],"cut":2,"signal":{"a":1},"code":"x"}\')',
    "an exit of odd kinds": 'frame(b"X", b\'{"why":"exit","cut":0,"signal":[1],"code":{}}\')',
    "a deep end": 'frame(b"X", b\'{"why":\' + b"[" * 60000)',
    "an end that claims a cancel": "frame(b\"X\", END.replace(b'answer', b'cancelled'))",
    "an answer that is no list": 'frame(b"V", b"V{}"); frame(b"X", END)',
    "two ends": 'frame(b"V", b"V[]"); frame(b"X", END); frame(b"X", END); frame(b"X", END)',
    "nothing at all": "time.sleep(60)",
    "its own end": "os._exit(0)",
}


# What no healthy one says, although it is there: the code's own fault, and nobody tries it again.
CLAIMS = {
    **{
        f"an end by {why}": f"frame(b\"X\", END.replace(b'answer', b'{why}'))"
        for why in ("closed", "gone", "cancelled", "memory", "processes", "spoilt", "other words")
    },
    **{
        name: SAYS[name]
        for name in (
            *("an unknown frame", "ready in the middle", "an end that is no object"),
            *("an end of odd kinds", "an exit of odd kinds", "a deep end"),
            *("an answer that is no list", "a frame without end"),
        )
    },
}


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunnerProcess]:
    data = tmp_path_factory.mktemp("guest") / "data"
    with running(data, TREADLE_SANDBOX_POOL="0") as process:
        yield process
        assert "Traceback" not in process.said()


@pytest.fixture
def zygote(runner: RunnerProcess) -> Iterator[Path]:
    """Where the guest's code lies; it is whole again afterwards."""
    path = runner.data / "sandbox/guest/sandbox_runner/guest/zygote.py"
    whole = path.read_text()
    yield path
    path.write_text(whole)


def serves_again(runner: RunnerProcess, workspace: str) -> bool:
    """Say whether others are served; one may have been started for them that speaks so, too."""
    for number in range(4):
        with contextlib.suppress(SandboxUnavailable):
            result = runner.run(FINE, workspace=f"{workspace} {number}", limits=LIMITS)
            if result.items == [{"fine": True}]:
                return True
    return False


def hostile_run(runner: RunnerProcess, workspace: str) -> SandboxResult | None:
    """What the first sandbox that speaks so makes of a run; None where it did not get that far."""
    for number in range(4):
        try:
            result = runner.run(FINE, workspace=f"{workspace} {number}", limits=LIMITS)
        except SandboxUnavailable:
            return None
        if result.outcome is not Outcome.OK or result.items != [{"fine": True}]:
            return result
        # Else one stood by since before the guest's code was replaced.
    raise AssertionError("No sandbox was the attacker's.")


@pytest.mark.parametrize("says", CLAIMS)
def test_what_a_sandbox_claims_of_a_run_is_never_worth_a_retry(
    says: str, runner: RunnerProcess, zygote: Path
) -> None:
    zygote.write_text(BEGIN + f"        {CLAIMS[says]}\n        time.sleep(60)\n")
    result = hostile_run(runner, "claims " + says[:20])
    assert result is not None
    assert result.outcome is Outcome.USER_ERROR
    assert result.error is not None
    assert "of its own" in result.error.message or "not a list" in result.error.message


@pytest.mark.parametrize("says", SAYS)
def test_whatever_a_sandbox_says_its_run_ends_and_others_are_served(
    says: str, runner: RunnerProcess, zygote: Path
) -> None:
    whole = zygote.read_text()
    zygote.write_text(BEGIN + f"        {SAYS[says]}\n")
    result = hostile_run(runner, says)
    assert result is None or result.outcome is not Outcome.OK or result.items == []
    zygote.write_text(whole)
    assert serves_again(runner, "after " + says)
    assert psutil.Process(runner.process.pid).memory_info().rss < MOST_MB << 20
    # Nor does what it said too much of count as the answer to a later run of its own workspace.
    with contextlib.suppress(SandboxUnavailable):
        assert runner.run(FINE, workspace=f"{says} 0").items == [{"fine": True}]
