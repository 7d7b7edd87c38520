"""Every variable that is read has its name on the list and in README.md; others are warned of."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from layers.errors import SetupError
from layers.settings import load_settings
from layers.settings.environment import environment_with
from layers.settings.names import INTERNAL, SETTINGS, unknown_settings
from layers.settings.seller import PREFIX

ROOT = Path(__file__).parents[2]
ROOMS = ("billing", "functions", "layers", "local_emulator", "sandbox_runner", "triggers")
LIST = ROOT / "layers" / "settings" / "names.py"


def names_in_code() -> Iterator[str]:
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            if path != LIST:
                for node in ast.walk(ast.parse(path.read_text())):
                    if isinstance(node, ast.Constant) and isinstance(node.value, str):
                        yield from re.findall(r"^TREADLE_[A-Z0-9_]+$", node.value)


def test_the_list_is_what_the_code_reads() -> None:
    read = {name for name in names_in_code() if name != PREFIX}

    assert read == {name for name in SETTINGS if not name.startswith(PREFIX)} | INTERNAL


def test_each_setting_is_explained() -> None:
    readme = (ROOT / "README.md").read_text()

    assert [name for name in sorted(SETTINGS) if name not in readme] == [
        name for name in sorted(SETTINGS) if name.startswith(PREFIX)
    ]
    assert f"{PREFIX}*" in readme


def test_a_misspelt_one_is_told_with_the_nearest() -> None:
    env = {
        "TREADLE_MAX_BODY_BYTE": "1",
        "TREADLE_COLOUR": "red",
        "TREADLE_DATA": "/tmp/x",
        "TREADLE_TEST_SEED": "1",
        "PATH": "/bin",
    }

    assert unknown_settings(env) == [
        "warning: TREADLE_COLOUR is set, but there is no such setting: README.md lists those "
        "there are.",
        "warning: TREADLE_MAX_BODY_BYTE is set, but there is no such setting: did you mean "
        "TREADLE_MAX_BODY_BYTES?",
    ]


def test_the_command_line_warns_and_goes_on() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "local_emulator.main", "functions", "list"],
        env=environment_with({"TREADLE_DATABASE": "sqlite:///x"}),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0
    assert "TREADLE_DATABASE is set" in done.stderr
    assert "did you mean TREADLE_DATABASE_URL?" in done.stderr
    assert "TREADLE_DATABASE" not in done.stdout


@pytest.mark.parametrize(
    "name", ["TREADLE_PROCESS_CONCURRENCY", "TREADLE_MAX_BODY_BYTES", "TREADLE_LEASE_SECONDS"]
)
def test_what_cannot_be_nothing_is_refused(name: str) -> None:
    with pytest.raises(SetupError, match=f"{name} must be a whole number of at least 1"):
        load_settings({name: "0"})
