"""``python -m tests.suite``: runs a tier of tests as ``make test`` and ``.ci/run`` do.

The tests that bear company run in several processes, the browser app's own beside them; then those
that run alone. At the end stand the slowest tests and the counts; the whole report is
``build/tests/TIER/report.xml`` (JUnit's format). The exit code is 0 only if all passed.

What else stands on the command line goes to pytest, which then is all that runs:
``python -m tests.suite test tests/nodes -k merge``.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.suite import summary
from tests.suite.phases import Phase, app, memory_for_both, python
from tests.tiers import TURNS, Group, Tier, Turn

REPOSITORY = Path(__file__).resolve().parents[2]
REPORTS = REPOSITORY / "build" / "tests"


def turn_of_commit() -> Turn:
    """The part of the slow tests whose turn it is: the next one with each commit."""
    counted = subprocess.run(
        ["git", "rev-list", "--count", "HEAD"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    return Turn(int(counted.stdout) % TURNS, TURNS)


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.suite", description=__doc__)
    parser.add_argument("tier", type=Tier, choices=list(Tier))
    parser.add_argument("--turn", type=Turn.parse, help="K/N: this part of the slow tests")
    parser.add_argument(
        "--turn-of-commit", action="store_true", help="the part whose turn it is at this commit"
    )
    given, more = parser.parse_known_args()
    turn = turn_of_commit() if given.turn_of_commit else given.turn
    if more:
        # Somebody has an eye on some tests: as they would be run by hand.
        os.execv(sys.executable, [sys.executable, "-m", "pytest", f"--tier={given.tier}", *more])
    reports = REPORTS / given.tier
    shutil.rmtree(reports, ignore_errors=True)
    reports.mkdir(parents=True)
    return run(given.tier, turn, reports)


def run(tier: Tier, turn: Turn | None, reports: Path) -> int:
    """Run the phases and print what came of them; returns the exit code."""
    together = python(reports, tier, turn, Group.TOGETHER)
    alone = python(reports, tier, turn, Group.ALONE)
    ours = None if tier is Tier.REST else app(reports, REPOSITORY)
    phases: list[Phase] = [together, *([ours] if ours else []), alone]
    if ours and memory_for_both():
        ours.begin()
    try:
        together.run()
        if ours:
            ours.run()
        alone.run()
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
        return 130
    finally:
        for phase in phases:
            phase.end()
    if turn is not None:
        sys.stdout.write(f"\nOf the slow tests this was part {turn}.\n")
    summary.write(phases, reports / "report.xml", sys.stdout)
    return 0 if all(phase.passed for phase in phases) else 1


if __name__ == "__main__":
    sys.exit(main())
