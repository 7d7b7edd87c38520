"""What a platform installs of the lock: all that the product needs, and no test tools."""

from __future__ import annotations

import re
import sys
import tomllib

from tests.deploy.checkout import REPOSITORY, run

LOCK = (REPOSITORY / "requirements.lock").read_text()
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==", re.MULTILINE)
BARE = re.compile(r"^[A-Za-z0-9._-]+")


def deployed() -> str:
    program = REPOSITORY / "tools" / "deployed_requirements.py"
    done = run(sys.executable, program, cwd=REPOSITORY)
    assert done.returncode == 0, done.stderr
    return done.stdout


def names(requirements: list[str]) -> set[str]:
    return {normal(found[0]) for one in requirements if (found := BARE.match(one))}


def normal(name: str) -> str:
    return re.sub("[-_.]+", "-", name).lower()


def test_all_that_the_package_asks_for_is_there_and_what_only_tests_ask_for_is_not() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    asked = names(project["project"]["dependencies"])
    tests = names(project["dependency-groups"]["dev"])
    found = set(PINNED.findall(deployed()))
    assert asked <= found
    assert not found & (tests - asked - brought_along())
    assert {"pytest", "playwright", "mypy", "nanio"} <= tests - found


def brought_along() -> set[str]:
    """What tests ask for and the product's own packages, too."""
    return {"pyyaml", "requests", "watchfiles"}


def test_what_others_bring_along_comes_with_its_hashes() -> None:
    text = deployed()
    found = set(PINNED.findall(text))
    # Asked for by aiohttp, by what that asks for, and for one system only.
    assert {"yarl", "propcache", "cffi", "pycparser"} <= found
    assert set(text.splitlines()) <= set(LOCK.splitlines())
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(blocks) == len(found)
    assert [one for one in blocks if "--hash=sha256:" not in one] == []
