"""A changed file brings the tests of its room, and every room has some."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.suite.check import changed_since, steps
from tests.suite.rooms import places_for

REPOSITORY = Path(__file__).resolve().parents[2]
ROOMS = ("functions", "layers", "triggers", "billing", "sandbox_runner", "local_emulator", "bench")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (["functions/nodes/flow/merge.py"], ["tests/nodes", "tests/functions"]),
        (["functions/http/workflows/workflows.py"], ["tests/http", "tests/security"]),
        (["layers/vault/vault.py"], ["tests/vault"]),
        (["layers/ids.py"], ["tests/layers/test_ids.py"]),
        (["tests/nodes/flow/test_merge.py"], ["tests/nodes/flow/test_merge.py"]),
        (["tests/nodes/context.py"], ["tests/nodes"]),
        (["tests/nodes/context.py", "tests/nodes/flow/test_merge.py"], ["tests/nodes"]),
        (["tests/tiers.py"], ["tests/suite"]),
        (["README.md"], []),
    ],
)
def test_places_for_a_change(changed: list[str], expected: list[str]) -> None:
    assert places_for(changed, REPOSITORY) == expected


def test_no_module_is_without_tests() -> None:
    listed = subprocess.run(
        ["git", "ls-files", *(f"{room}/*.py" for room in ROOMS)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    modules = [path for path in listed.stdout.split() if not path.endswith("__init__.py")]
    assert len(modules) > 200
    assert [path for path in modules if not places_for([path], REPOSITORY)] == []


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit."""
    commands = (
        ["init", "-q"],
        ["add", "-A"],
        ["-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "-qm", "One"],
    )
    (tmp_path / "kept.py").write_text("1\n")
    (tmp_path / "gone.py").write_text("1\n")
    for command in commands:
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    return tmp_path


def test_what_is_new_changed_or_gone_is_found(repository: Path) -> None:
    assert changed_since("HEAD", repository) == []
    (repository / "kept.py").write_text("2\n")
    (repository / "gone.py").unlink()
    (repository / "new.py").write_text("1\n")
    assert changed_since("HEAD", repository) == ["gone.py", "kept.py", "new.py"]


def test_the_app_is_looked_at_only_if_it_changed() -> None:
    def names(*changed: str) -> list[str]:
        return [name for name, _ in steps(list(changed))]

    assert "the app" in names("web/src/main.tsx")
    assert "the app" not in names("functions/nodes/flow/merge.py")
    assert names() == ["style", "format", "types", "import rules"]
