"""What came of a run, from its reports: one file for machines, a page for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

from tests.suite.phases import Phase

SLOWEST = 25


@dataclass(frozen=True)
class Case:
    """One test, as its report has it."""

    name: str
    seconds: float
    outcome: str
    """``passed``, ``failed`` or ``skipped``."""


def cases_in(report: Path) -> Iterator[Case]:
    """Read a report; one that is missing, since its program died, has none."""
    if not report.exists():
        return
    for one in ElementTree.parse(report).iter("testcase"):
        wrong = one.find("failure") is not None or one.find("error") is not None
        skipped = one.find("skipped") is not None
        yield Case(
            f"{one.get('classname')}::{one.get('name')}",
            float(one.get("time", "0")),
            "failed" if wrong else "skipped" if skipped else "passed",
        )


def write(phases: Sequence[Phase], merged: Path, output: IO[str]) -> None:
    """Write one report of all, and print the slowest tests, the counts, and the last line.

    That line, ``N passed, N failed, N skipped``, is the one that CI reads. A phase that failed
    without a failed test counts as one.
    """
    cases = [list(cases_in(phase.report)) for phase in phases]
    _merge((phase.report for phase in phases), merged)
    everything = [case for found in cases for case in found]
    slowest = sorted(everything, key=lambda case: -case.seconds)[:SLOWEST]
    output.write(f"\nThe {len(slowest)} slowest:\n")
    output.writelines(f"{case.seconds:8.1f} s  {case.name}\n" for case in slowest)
    output.write(f"\n{'':28}{'passed':>8}{'failed':>8}{'skipped':>8}{'time':>8}\n")
    total = [0, 0, 0]
    for phase, found in zip(phases, cases, strict=True):
        counts = [sum(case.outcome == how for case in found) for how in _OUTCOMES]
        counts[1] += not phase.passed and not counts[1]
        total = [a + b for a, b in zip(total, counts, strict=True)]
        minutes, seconds = divmod(round(phase.seconds), 60)
        columns = "".join(f"{count:8}" for count in counts)
        output.write(f"{phase.name:28}{columns}{minutes:5}:{seconds:02}\n")
    output.write("\n{} passed, {} failed, {} skipped\n".format(*total))


_OUTCOMES = ("passed", "failed", "skipped")


def _merge(reports: Iterable[Path], merged: Path) -> None:
    root = ElementTree.Element("testsuites")
    for report in reports:
        if report.exists():
            root.extend(ElementTree.parse(report).getroot().iter("testsuite"))
    ElementTree.ElementTree(root).write(merged, encoding="unicode", xml_declaration=True)
