"""What is printed at the end, and the report of all phases."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.suite import summary
from tests.suite.phases import Phase

REPORT = """<testsuites><testsuite name="some">
  <testcase classname="tests.a" name="test_quick" time="0.5"/>
  <testcase classname="tests.a" name="test_slow" time="70.25"/>
  <testcase classname="tests.b" name="test_wrong" time="1"><failure message="no"/></testcase>
  <testcase classname="tests.b" name="test_broken" time="1"><error message="no"/></testcase>
  <testcase classname="tests.b" name="test_left_out" time="0"><skipped/></testcase>
</testsuite></testsuites>"""


@pytest.fixture
def phase(tmp_path: Path) -> Phase:
    report = tmp_path / "one.xml"
    report.write_text(REPORT)
    return Phase("One", ("true",), report, seconds=75.2)


def written(phases: list[Phase], folder: Path) -> str:
    output = io.StringIO()
    summary.write(phases, folder / "report.xml", output)
    return output.getvalue()


def test_it_counts_and_the_last_line_is_the_verdict(phase: Phase, tmp_path: Path) -> None:
    lines = written([phase, phase], tmp_path).splitlines()
    assert lines[-1] == "4 passed, 4 failed, 2 skipped"
    assert "One                                2       2       1    1:15" in lines


def test_the_slowest_come_first(phase: Phase, tmp_path: Path) -> None:
    lines = written([phase], tmp_path).splitlines()
    assert lines[2] == "    70.2 s  tests.a::test_slow"


def test_a_program_that_died_before_it_reported_is_a_failure(tmp_path: Path) -> None:
    died = Phase("Died", ("false",), tmp_path / "nothing.xml")
    assert written([died], tmp_path).endswith("0 passed, 1 failed, 0 skipped\n")


def test_one_report_has_all(phase: Phase, tmp_path: Path) -> None:
    written([phase, phase], tmp_path)
    merged = ElementTree.parse(tmp_path / "report.xml")
    assert len(list(merged.iter("testcase"))) == 10


@pytest.mark.parametrize(("code", "passed"), [(0, True), (1, False), (2, False), (5, True)])
def test_a_phase_passes_by_its_exit_code(code: int, passed: bool, tmp_path: Path) -> None:
    command = (sys.executable, "-c", f"raise SystemExit({code})")
    phase = Phase("One", command, tmp_path / "one.xml", log=tmp_path / "log")
    phase.run()
    assert phase.passed is passed
    phase.end()
