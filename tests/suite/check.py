"""``make check``: a quick verdict on what has changed since a commit, this one if none is named.

Style, types and import rules of everything (they remember what they know), then the tests of the
rooms that changed. ``python -m tests.suite.check main`` looks at all since ``main``.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

from tests.suite.rooms import app_changed, places_for

REPOSITORY = Path(__file__).resolve().parents[2]
BINARIES = Path(sys.executable).parent
SERIAL_PLACES = 2
"""Up to so many files of tests are sooner through in one process than several are started."""


def changed_since(commit: str, repository: Path = REPOSITORY) -> list[str]:
    """Return the paths that differ from a commit, new files among them."""
    asked = (
        ("git", "diff", "--name-only", "--no-renames", commit),
        ("git", "ls-files", "--others", "--exclude-standard"),
    )
    found: set[str] = set()
    for command in asked:
        said = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=True)
        found.update(said.stdout.splitlines())
    return sorted(found)


def steps(changed: list[str]) -> list[tuple[str, list[str]]]:
    """Return what is run for these paths, with what it is called."""
    found = [
        ("style", [f"{BINARIES}/ruff", "check", "--quiet"]),
        ("format", [f"{BINARIES}/ruff", "format", "--check", "--quiet"]),
        ("types", [f"{BINARIES}/mypy", "--no-error-summary"]),
        ("import rules", [f"{BINARIES}/lint-imports", "--no-logo"]),
    ]
    if app_changed(changed):
        related = ["run", "--silent", "test", "--", "--changed", "HEAD", "--reporter=dot"]
        found.append(("the app", ["tools/check_web.sh"]))
        found.append(("the app's tests", ["tools/build_web.sh", "npm", *related]))
    places = places_for(changed, REPOSITORY)
    if places:
        files = all(place.endswith(".py") for place in places)
        several = [] if files and len(places) <= SERIAL_PLACES else ["-n", "auto"]
        command = [sys.executable, "-m", "pytest", "--quiet", "--tier=test", *several, *places]
        found.append(("tests of " + ", ".join(places), command))
    return found


def main() -> int:
    """Run what the command line asks for; stops at the first thing that is wrong."""
    parser = argparse.ArgumentParser(prog="make check", description=__doc__)
    parser.add_argument("commit", nargs="?", default="HEAD", help="what changed since it")
    try:
        changed = changed_since(parser.parse_args().commit)
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"check: {error.stderr.strip()}\n")
        return 2
    for name, command in steps(changed):
        began = time.monotonic()
        code = subprocess.run(command, cwd=REPOSITORY, check=False).returncode
        verdict = "right" if code == 0 else "WRONG"
        sys.stdout.write(f"{verdict}  {time.monotonic() - began:5.1f} s  {name}\n")
        sys.stdout.flush()
        if code != 0:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
