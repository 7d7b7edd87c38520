"""Hostile scripts against one runner, in every way it can run them: all contained, nothing left.

A script's docstring says what containment means. It returns items whose ``escaped`` is false, or
the run ends with one of the outcomes that the script names; ``hostile.Script`` has the rest.
"""

from __future__ import annotations

from typing import Any
from zlib import crc32

import pytest

from layers.sandbox import Outcome, SandboxResult
from tests.attacks import witness
from tests.attacks.bait import Bait
from tests.attacks.hostile import Case, cases
from tests.sandbox_runner.runner_process import RunnerProcess

pytestmark = pytest.mark.sandbox

LIMITS = {"timeout_s": 3, "cpu_s": 1, "memory_mb": 64, "tmp_mb": 16, "processes": 16}
# The ways to run a script: one more is one more line here.
WAYS: dict[str, dict[str, Any]] = {"run": {"mode": "run"}, "warm": {"mode": "warm"}}
# A sandbox for one run only is a second of work: this way runs what is about a run after a run.
SINGLE_USE: dict[str, Any] = {"mode": "run", "single_use": True}
CASES = list(cases())


def attack(
    runner: RunnerProcess,
    code: str,
    facts: dict[str, Any],
    workspace: str,
    limits: dict[str, int] = LIMITS,
    **way: Any,
) -> SandboxResult:
    """Run code while somebody listens, then wait until its sandbox has been cleaned, or is gone."""
    request = runner.request(code, [facts], workspace=workspace, limits=limits, **way)
    result = runner.await_(runner.client.run(request, lambda stream, text: None))
    runner.until(lambda: runner.health()["boxes"]["busy"] == 0)
    return result


def limits_for(case: Case) -> dict[str, int]:
    """The limits of a script; where to run out of time is no containment there is plenty of it."""
    plenty = {"timeout": {"timeout_s": 60}, "cpu_limit": {"cpu_s": 10}}
    given = [more for ending, more in plenty.items() if ending not in case.script.expect]
    return {name: value for limits in (LIMITS, *given) for name, value in limits.items()}


def assert_contained(case: Case, result: SandboxResult) -> None:
    """Hold a result against what the script says."""
    assert result.outcome.value in case.script.expect, result
    if result.outcome is Outcome.OK:
        assert result.items is not None
        assert not any(item.get("escaped") for item in result.items), result.items


LASTING = [case for case in CASES if case.script.leave is not None or case.script.again]


def once(case: Case) -> str:
    """The way in which ``make test`` runs a script, half of them each way; variants but the first
    are left to the slow tests.
    """
    if case.number:
        return ""
    return sorted(WAYS)[crc32(case.name.encode()) % len(WAYS)]


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case.name, marks=[pytest.mark.slow] * (number > 0))
        for number, case in enumerate(LASTING)
    ],
)
def test_is_contained_by_a_sandbox_of_its_own(
    case: Case, runner: RunnerProcess, bait: Bait
) -> None:
    test_is_contained(case, SINGLE_USE, runner, bait)


@pytest.mark.parametrize(
    ("case", "way"),
    [
        pytest.param(
            case, way, id=f"{case.name}-{name}", marks=[pytest.mark.slow] * (once(case) != name)
        )
        for case in CASES
        for name, way in WAYS.items()
    ],
)
def test_is_contained(case: Case, way: dict[str, Any], runner: RunnerProcess, bait: Bait) -> None:
    attacker = f"attacker-{way['mode']}"
    way = {**way, "limits": limits_for(case)}
    facts = {**bait.facts, **case.facts()}
    if case.script.leave is not None:
        attack(runner, case.script.leave, facts, attacker, **way)
    result = attack(runner, case.script.code, facts, attacker, **way)
    assert_contained(case, result)
    if case.script.again:
        facts["told"] = result.items[0] if result.items else {}
        assert_contained(case, attack(runner, case.script.code, facts, attacker, **way))
    if case.script.leave is not None:
        assert_contained(
            case, attack(runner, case.script.code, facts, f"another-{way['mode']}", **way)
        )
    assert bait.touched == []

    complaints = look(runner, attacker, way["mode"])
    if set(complaints) == {"processes"}:
        # Two that stand by may have been born the other way round; the second run takes that one.
        complaints = look(runner, attacker, way["mode"])
    assert complaints == {}


def look(runner: RunnerProcess, workspace: str, mode: str) -> dict[str, Any]:
    """Return what a run after an attack sees and should not."""
    after = runner.run(witness.CODE, workspace=workspace)
    assert after.items is not None, after
    assert after.logs == [{"stream": "stdout", "text": "heard\n"}]
    return witness.complaints(after.items[0], mode)


def test_there_are_many_attacks_and_each_says_what_containment_means() -> None:
    scripts = {case.script.name: case.script for case in CASES}
    assert len(scripts) > 100
    assert [name for name, script in scripts.items() if "Contained:" not in script.code] == []
    # Each of them runs in every tier.
    assert {case.script.name for case in CASES if once(case)} == set(scripts)


def test_the_runner_still_serves_others_and_is_small(runner: RunnerProcess) -> None:
    code = "def run(items):\n    return [{'fine': True}]"
    assert runner.run(code, workspace="bystander").items == [{"fine": True}]
    assert runner.health()["state"] == "ready"
