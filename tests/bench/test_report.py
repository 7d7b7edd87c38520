from __future__ import annotations

import pytest

from bench import report
from bench.cases import CASES
from bench.driver import Sample, Target
from bench.measures import ActiveCase, CaseMeasure
from bench.product import BenchError


class Books:
    """What the database says before and after a window of load."""

    class process:
        pid = 1

    def __init__(self, before: dict[str, int], after: dict[str, int]) -> None:
        self.answers = [before, after]

    def executions(self, workflow_id: str) -> dict[str, int]:
        return self.answers.pop(0)

    def wait_until_finished(self) -> None:
        pass


def measured(after: dict[str, int], *, failures: int = 0) -> dict[str, float]:
    sample = Sample(10, failures, 2.0, 1.0, 2.0, 3.0)
    active = ActiveCase(CASES[0], "w", Target("", 0, b"", 202, b""))
    books = Books({"succeeded": 5}, after)
    return CaseMeasure(books, active, 1, lambda *_: sample).run(1)  # type: ignore[arg-type]


def test_executions_that_all_finished_are_proof() -> None:
    reading = measured({"succeeded": 15})
    assert (reading["accepted"], reading["finished"], reading["per_s"]) == (10, 10, 5)


@pytest.mark.parametrize(
    ("after", "failures", "why"),
    [
        ({"succeeded": 14}, 0, "10 answers, but 9 executions"),
        ({"succeeded": 16}, 0, "10 answers, but 11 executions"),
        ({"succeeded": 14, "failed": 1}, 0, "only 9 of 10"),
        ({"succeeded": 15}, 1, "1 of 11 requests failed"),
    ],
)
def test_a_figure_without_its_proof_is_no_figure(
    after: dict[str, int], failures: int, why: str
) -> None:
    with pytest.raises(BenchError, match=why):
        measured(after, failures=failures)


def test_rounds_become_medians_and_counts_become_sums() -> None:
    rounds = [{"per_s": rate, "finished": 10.0} for rate in (90.0, 1.0, 100.0)]
    assert report.medians(rounds) == {"per_s": 90.0, "finished": 30.0}


def test_ratios_and_goals_speak_only_of_what_was_measured() -> None:
    rows = {
        "b": {"c32": {"per_s": 500.0}, "c1": {"p50_ms": 9.0}},
        "hello": {"c32": {"per_s": 20000.0}},
    }
    assert report.ratios(rows) == {"answers_per_hello": 0.025}
    assert {goal["goal"]: goal["met"] for goal in report.goals(rows)} == {
        "b c32 per_s": True,
        "b c1 p50_ms": False,
    }
