"""Each test is in its tier, each slow test in one turn, and what bears no company comes last."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.suite.__main__ import turn_of_commit
from tests.tiers import ALONE, SLOW, TURNS, Group, Selection, Tier, Turn

NAMES = [f"tests/test_x.py::test_{number}" for number in range(200)]
REPOSITORY = Path(__file__).resolve().parents[2]


def test_the_tiers_make_a_whole() -> None:
    for marks in ([], [SLOW], [ALONE], [SLOW, ALONE]):
        in_test = Selection(Tier.TEST).takes("a", marks)
        in_rest = Selection(Tier.REST).takes("a", marks)
        assert in_test != in_rest
        assert Selection(Tier.ALL).takes("a", marks)


def test_the_groups_make_a_whole() -> None:
    for marks in ([], [SLOW], [ALONE], [SLOW, ALONE]):
        taken = [Selection(group=group).takes("a", marks) for group in Group]
        assert taken == [ALONE not in marks, ALONE in marks]


def test_every_slow_test_has_its_turn_once_in_so_many_commits() -> None:
    parts = [
        {
            name
            for name in NAMES
            if Selection(Tier.REST, turn=Turn(number, TURNS)).takes(name, [SLOW])
        }
        for number in range(TURNS)
    ]
    assert set().union(*parts) == set(NAMES)
    assert sum(map(len, parts)) == len(NAMES)
    assert all(len(part) > len(NAMES) / TURNS / 2 for part in parts)


def test_a_turn_is_of_the_slow_tests_only() -> None:
    assert not any(Selection(Tier.REST, turn=Turn(0, 1)).takes(name, []) for name in NAMES)


@pytest.mark.parametrize("text", ["", "1", "3/3", "-1/3", "a/b", "0/0"])
def test_what_is_no_turn_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no turn"):
        Turn.parse(text)


def test_a_turn_reads_as_it_is_written() -> None:
    assert Turn.parse(str(Turn(2, 3))) == Turn(2, 3)


def test_the_turn_goes_on_with_the_commits() -> None:
    assert turn_of_commit().of == TURNS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Some tests with every mark, and our plugins."""
    plugins = ("ordering", "selecting")
    (tmp_path / "conftest.py").write_text(
        f"pytest_plugins = {[f'tests.plugins.{name}' for name in plugins]!r}\n"
    )
    (tmp_path / "test_some.py").write_text(
        textwrap.dedent("""
        import pytest
        def test_plain(): pass
        @pytest.mark.slow
        def test_slow(): pass
        @pytest.mark.alone
        def test_alone(): pass
        """)
    )
    return tmp_path


def taken(folder: Path, *options: str) -> tuple[int, set[str]]:
    """The exit code and the names of the tests that pytest would run."""
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--collect-only", "-q"),
            *("-c", str(REPOSITORY / "pyproject.toml"), "--rootdir", str(folder)),
            *(*options, str(folder)),
        ],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in ran.stdout.splitlines() if "::" in line]
    return ran.returncode, {line.rpartition("::")[2] for line in lines}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], {"test_plain", "test_slow", "test_alone"}),
        (["--tier=test"], {"test_plain", "test_alone"}),
        (["--tier=test", "--group=together"], {"test_plain"}),
        (["--tier=test", "--group=alone"], {"test_alone"}),
        (["--tier=rest"], {"test_slow"}),
        (["--tier=rest", "--turn=0/1"], {"test_slow"}),
    ],
)
def test_pytest_takes_what_the_options_say(
    folder: Path, options: list[str], expected: set[str]
) -> None:
    assert taken(folder, *options) == (0, expected)


def test_pytest_says_what_is_wrong_with_a_turn(folder: Path) -> None:
    assert taken(folder, "--tier=rest", "--turn=7") == (pytest.ExitCode.USAGE_ERROR, set())
