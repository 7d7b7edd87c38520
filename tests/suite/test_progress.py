"""A run says how far it is and what is running, without workers and with them."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.plugins import progress
from tests.waiting import until

REPOSITORY = Path(__file__).resolve().parents[2]
SOME_TESTS = """
import pytest
@pytest.mark.parametrize("number", range(5))
def test_right(number): pass
def test_wrong(): assert False
"""


@pytest.mark.parametrize("workers", ["0", "2"])
def test_the_last_line_counts_what_ran(workers: str, tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("pytest_plugins = ['tests.plugins.progress']\n")
    (tmp_path / "test_some.py").write_text(SOME_TESTS)
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-c", str(REPOSITORY / "pyproject.toml")),
            *("--rootdir", str(tmp_path), "-q", "--progress", "-n", workers, str(tmp_path)),
        ],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert "FAILED  " in ran.stdout
    assert re.search(r"test_some.py::test_wrong \(call\)$", ran.stdout, re.MULTILINE)
    assert re.search(r"^ +\d+:\d\d  6 of 6, 1 failed$", ran.stdout, re.MULTILINE), ran.stdout


def test_what_runs_is_named_the_longest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "EVERY_S", 0.01)
    output = io.StringIO()
    shown = progress.Progress(output)
    for name in ("first", "second", "third"):
        shown.pytest_runtest_logstart(name)
    shown.pytest_runtest_logfinish("second")
    pattern = re.compile(r"1 of 0, 0 failed  first \(\d+ s\)  third \(\d+ s\)$", re.MULTILINE)
    until(lambda: pattern.search(output.getvalue()), output.getvalue)
    shown.pytest_sessionfinish()
    assert output.getvalue().endswith("1 of 0, 0 failed\n")
