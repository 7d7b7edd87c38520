"""No way out, and no way to use everything up."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from layers.expressions import Budget, ExpressionError, compile_expression, compile_template
from tests.expressions.hostile import BOMBS, ESCAPES, SCOPE, verdict

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("source", ESCAPES)
def test_a_way_out_is_refused(source: str) -> None:
    assert verdict(source) is None


@pytest.mark.parametrize("source", [one for one in ESCAPES if "{{" not in one])
def test_a_way_out_is_refused_inside_a_text_as_well(source: str) -> None:
    with pytest.raises(ExpressionError):
        compile_template(f"x {{{{ {source} }}}}").evaluate(SCOPE)


def test_bombs_go_out_within_half_a_gigabyte_and_their_budget() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.expressions.hostile"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    report = json.loads(done.stdout)
    assert len(report["verdicts"]) == len(BOMBS)
    assert [one for one in report["verdicts"] if one[1] is not None] == []
    assert report["peak_kb"] < 250_000
    # One second of budget, and the longest single operation between two looks at the clock.
    assert [one for one in report["verdicts"] if one[2] > 3.0] == []


def test_the_corpus_is_large() -> None:
    assert len(set(ESCAPES)) >= 300
    assert len(set(BOMBS)) >= 100


@pytest.mark.parametrize(
    ("source", "budget", "message"),
    [
        ("[x for x in range(100)]", Budget(steps=50), "more than 50 steps"),
        ("'a' * 200", Budget(result_bytes=100), "larger than 100 bytes"),
        ("['a' * 60, 'b' * 60]", Budget(result_bytes=100), "larger than 100 bytes"),
        ("'a' * 900", Budget(result_bytes=100), "800 bytes in total"),
        ("[x for x in range(1000)]", Budget(seconds=-1.0), "longer than -1 s"),
    ],
)
def test_a_budget_is_a_hard_limit(source: str, budget: Budget, message: str) -> None:
    with pytest.raises(ExpressionError, match=message):
        compile_expression(source).evaluate({}, budget)
    compile_expression(source).evaluate({})


def test_a_budget_is_fresh_for_every_evaluation() -> None:
    compiled = compile_expression("[x for x in range(10)]")
    for _ in range(5):
        assert len(compiled.evaluate({}, Budget(steps=60))) == 10


def test_deep_data_is_refused_and_not_a_crash() -> None:
    deep: list[object] = []
    for _ in range(5_000):
        deep = [deep]
    for source in ("x", "str(x)", "x == [x]", "json_dump(x)", "unique([x])", "f'{x}'"):
        with pytest.raises(ExpressionError, match="nested"):
            compile_expression(source).evaluate({"x": deep})


def test_data_that_holds_itself_is_refused() -> None:
    ring: list[object] = []
    ring.append(ring)
    with pytest.raises(ExpressionError, match="nested"):
        compile_expression("x").evaluate({"x": ring})
