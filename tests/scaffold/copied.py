"""A copy of the repository to add things to, and the document that says how."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from layers.settings.environment import environment_with

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "how-to-add.md"
PARTS = (
    *("billing", "functions", "layers", "triggers", "sandbox_runner", "marketplace"),
    *("local_emulator", "bench", "tests", "tools", "docs", "web/src/rooms/canvas"),
    *("pyproject.toml", "Makefile", "README.md", "CHANGELOG.md"),
)
LEFT_OUT = shutil.ignore_patterns("__pycache__", "attacks", "cpython", "e2e", "*.png")
MADE_IN_NODE = ("web/src/api/schema.d.ts",)
"""Pages that ask for the app's tools: the test of the app's types notices when they are stale."""


@dataclass(frozen=True)
class Way:
    """A section of the document: which files it names, and which commands."""

    files: list[str]
    commands: list[str]

    def files_of(self, **words: str) -> set[str]:
        """The files with the words of the section, such as ``NAME``, filled in."""
        found = set()
        for path in self.files:
            for word, value in words.items():
                path = path.replace(word, value)
            found.add(path)
        return found - {*MADE_IN_NODE}


def way(title: str) -> Way:
    """Read the section of this title."""
    section = re.split(r"^## ", DOCUMENT.read_text(), flags=re.MULTILINE)
    text = next(one for one in section if one.startswith(f"{title}\n"))
    listed = re.search(r"^Files:\n\n((?:- .*\n|  .*\n)+)", text, re.MULTILINE)
    assert listed is not None, title
    commands = re.search(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return Way(
        files=re.findall(r"^- `([^`]+)`", listed[1], re.MULTILINE),
        commands=commands[1].splitlines() if commands else [],
    )


class Copy:
    """A copy of what the commands need, with this environment's programs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for part in PARTS:
            source, target = ROOT / part, folder / part
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, ignore=LEFT_OUT)
            else:
                shutil.copy2(source, target)
        (folder / ".venv").symlink_to(ROOT / ".venv")
        if (ROOT / ".mypy_cache").exists():
            shutil.copytree(ROOT / ".mypy_cache", folder / ".mypy_cache")

    def contents(self) -> dict[str, str]:
        """A digest of each file by its path."""
        return {
            path.relative_to(self.folder).as_posix(): sha256(path.read_bytes()).hexdigest()
            for path in self.folder.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts and ".venv" not in path.parts
            if not path.relative_to(self.folder).as_posix().startswith(".")
        }

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in it, as somebody types it."""
        return subprocess.run(
            command,
            cwd=self.folder,
            env=environment_with({"PYTHONPATH": str(self.folder), "COLUMNS": "200"}),
            capture_output=True,
            text=True,
            check=False,
        )

    def make(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run ``make …`` without the set-up that precedes it, for that is done here."""
        program, *words = command.split()
        assert program == "make"
        return self.run("make", "--no-print-directory", "-o", "setup", *words)

    def must(self, *command: str) -> None:
        """Run a command that must succeed; fails with all that it said."""
        done = self.run(*command)
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"

    def test(self, *places: str) -> None:
        """Run these tests in it, one after the other."""
        self.must(".venv/bin/python", "-m", "pytest", "-q", "-n0", *places)
