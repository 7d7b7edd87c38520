"""The runner attacks itself before it serves anybody."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from layers.settings.runner import RunnerSettings, from_environment
from sandbox_runner import janitor, selftest, service
from sandbox_runner.battery import ATTACKS, Attack
from sandbox_runner.box import Box
from sandbox_runner.channel import Gone
from sandbox_runner.selftest import Broken, Unclear, Withstood, judge, remember, remembered
from sandbox_runner.site import Site
from sandbox_runner.wire import Outcome, RunError, RunResult
from tests.sandbox_runner.runner_process import RunnerProcess, require_runsc
from tests.waiting import PATIENCE_S

SOUND = Attack("nothing", "def run(items):\n    return [{'broke': []}]")
HOLE = Attack("a hole", "def run(items):\n    return [{'broke': ['out']}]")
RAISES = Attack("an error", "def run(items):\n    1 / 0")


@pytest.fixture
def settings(tmp_path: Path) -> RunnerSettings:
    require_runsc()
    environment = {**os.environ, "TREADLE_RUNNER_TOKEN": "a secret of this test"}
    return replace(from_environment(environment), data=tmp_path, ready_boxes=0)


def started(settings: RunnerSettings) -> dict[str, Any]:
    """The health of a runner that has decided whether it serves."""

    async def story() -> dict[str, Any]:
        lock = janitor.lock(settings.data / "sandbox")
        runner = service.Service(settings, 8701)
        runner.start()
        try:
            await asyncio.wait_for(runner.decided.wait(), PATIENCE_S)
            return runner.health()
        finally:
            await runner.stop()
            os.close(lock)

    return asyncio.run(story())


def test_a_runner_serves_after_it_withstood_every_attack(runner: RunnerProcess) -> None:
    health = runner.health()
    assert health["state"] == "ready"
    assert health["self_test"]["attacks"] == len(ATTACKS) >= 8
    assert health["self_test"]["seconds"] > 0


@pytest.mark.parametrize(
    ("attack", "told"), [(HOLE, "a hole succeeded: ['out']"), (RAISES, "division by zero")]
)
def test_a_runner_that_an_attack_breaks_serves_nobody(
    settings: RunnerSettings, monkeypatch: pytest.MonkeyPatch, attack: Attack, told: str
) -> None:
    monkeypatch.setattr(selftest, "ATTACKS", (SOUND, attack))
    health = started(settings)
    assert health["state"] == "refusing"
    assert told in health["reason"]
    assert health["self_test"] is None
    assert not (settings.data / "sandbox/self-test.json").exists()


@pytest.mark.parametrize(
    "ended", [Gone("the sandbox ended"), Unclear("self-test: a flood ended before it was over")]
)
def test_what_ends_before_it_proves_anything_is_tried_again_at_once(
    settings: RunnerSettings, monkeypatch: pytest.MonkeyPatch, ended: Exception
) -> None:
    monkeypatch.setattr(selftest, "ATTACKS", (SOUND,))
    monkeypatch.setattr(service, "_TRY_AGAIN_S", 2 * PATIENCE_S)
    ends = [ended, ended]
    whole = service.probe

    async def probe(site: Site, port: int) -> None:
        if ends:
            raise ends.pop()
        await whole(site, port)

    monkeypatch.setattr(service, "probe", probe)
    assert started(settings)["state"] == "ready"
    ends += [ended] * 3
    assert started(settings)["reason"] == str(ended)


def test_an_attack_may_end_its_sandbox_where_that_is_containment(
    settings: RunnerSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Its limit for the whole sandbox comes first, as chance may have it.
    hungry = next(one for one in ATTACKS if one.name == "taking all memory")
    greedy = replace(hungry, limits=replace(hungry.limits, memory_mb=4096))
    monkeypatch.setattr(Box, "_limit", lambda self, order: self._group.limit(160, 600, 1.0))
    monkeypatch.setattr(selftest, "ATTACKS", (greedy, SOUND))
    assert started(settings)["state"] == "ready"


def test_what_was_withstood_is_not_tried_again_until_something_changes(
    settings: RunnerSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selftest, "ATTACKS", (SOUND,))
    first = started(settings)
    assert first["self_test"]["attacks"] == 1
    monkeypatch.setattr(selftest, "ATTACKS", (HOLE,))
    assert started(settings)["self_test"] == first["self_test"]
    monkeypatch.setattr(selftest, "fingerprint", lambda _site: "another kernel")
    assert started(settings)["state"] == "refusing"


def test_a_record_that_cannot_be_read_counts_for_nothing(tmp_path: Path) -> None:
    record = tmp_path / "self-test.json"
    assert remembered(record, "a") is None
    remember(record, "a", Withstood(3, 0.5))
    assert remembered(record, "a") == Withstood(3, 0.5)
    assert remembered(record, "b") is None
    record.write_text('{"fingerprint": "a"}')
    assert remembered(record, "a") is None
    record.write_text("{")
    assert remembered(record, "a") is None


@pytest.mark.parametrize(
    "result",
    [
        RunResult(Outcome.OK, b"[]"),
        RunResult(Outcome.OK, b"[{}]"),
        RunResult(Outcome.OK, b'[{"broke": ["x"]}]'),
        RunResult(Outcome.OK, b'[{"broke": null}]'),
        RunResult(Outcome.INFRASTRUCTURE, error=RunError("gone")),
    ],
)
def test_only_a_clear_answer_means_containment(result: RunResult) -> None:
    with pytest.raises(Broken):
        judge(SOUND, result)


def test_one_that_had_too_little_time_means_nothing() -> None:
    with pytest.raises(Unclear):
        judge(SOUND, RunResult(Outcome.TIMEOUT))


def test_an_attack_that_must_be_ended_may_not_return() -> None:
    endless = replace(SOUND, ends=frozenset({Outcome.TIMEOUT}), must_end=True)
    judge(endless, RunResult(Outcome.TIMEOUT))
    with pytest.raises(Broken):
        judge(endless, RunResult(Outcome.OK, b'[{"broke": []}]'))
