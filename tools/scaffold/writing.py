"""Fills in the templates, in the repository that is the current folder."""

from __future__ import annotations

import keyword
import re
import subprocess
import sys
from pathlib import Path
from string import Template

from layers.registry import installed
from tools.scaffold.documents import write_documents
from tools.scaffold.kinds import ENDPOINT, Kind
from tools.scaffold.routes import register

TEMPLATES = Path(__file__).parent / "templates"
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
LONGEST = 40


class BadName(Exception):
    """A name or a folder that cannot be; the text says what to give instead."""


def add(kind: Kind, name: str, folder: str) -> list[str]:
    """Write source and test of something new; returns what its author does next, by lines."""
    folder = _folder(kind, folder)
    module = name + "_" if keyword.iskeyword(name) else name
    source, test = (
        Path(path.format(folder=folder, module=module)) for path in (kind.source, kind.test)
    )
    _check(kind, name, (source, test))
    words = {
        "name": name,
        "module": module,
        "family": folder,
        "klass": "".join(word.capitalize() for word in name.split("_")),
        "title": name.replace("_", " ").capitalize(),
        "path": name.replace("_", "-"),
        "tag": folder,
    }
    _write(source, f"{kind.name}.txt", words)
    _write(test, f"{kind.name}_test.txt", words)
    if kind is ENDPOINT:
        register(Path("functions/main.py"), folder, module)
    else:
        write_documents()
    changed = [str(source), str(test)]
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", *changed], check=True)
    return [*changed, *_next_steps(kind, test)]


def _next_steps(kind: Kind, test: Path) -> list[str]:
    steps = [f"Change both, then: make test ARGS={test}"]
    if kind is ENDPOINT:
        steps.append("For the app: make api")
    else:
        steps.append("When its declaration changes: make docs")
    return [*steps, "More: docs/how-to-add.md"]


def _folder(kind: Kind, folder: str) -> str:
    if not kind.folders:
        return ""
    there = sorted(
        path.parent.name
        for path in Path(kind.folders).glob("*/__init__.py")
        if path.parent.name != "incoming"
    )
    chosen = folder or kind.default_folder
    if chosen not in there:
        raise BadName(f"there is no {kind.variable} {chosen!r}; choose one of {', '.join(there)}.")
    return chosen


def _check(kind: Kind, name: str, paths: tuple[Path, ...]) -> None:
    if not name:
        raise BadName(f"give it a name: make new-{kind.name} NAME=…")
    if not NAME.fullmatch(name) or len(name) > LONGEST:
        raise BadName(
            f"{name!r} cannot be a name; use at most {LONGEST} lower-case letters, digits and "
            "single '_', a letter first, such as 'split_text'."
        )
    if name in _taken(kind):
        raise BadName(f"the name {name!r} is taken; choose another one.")
    for path in paths:
        if path.exists():
            raise BadName(f"{path} exists already; choose another name.")


def _taken(kind: Kind) -> set[str]:
    """Types that have the name, wherever they come from: nodes and triggers share theirs."""
    registry = installed()
    match kind.name:
        case "node" | "trigger":
            return set(registry.names())
        case "credential":
            return set(registry.credentials)
        case _:
            # An endpoint's name is its address, too, and its function's.
            return {path.stem for path in Path("functions/http").rglob("*.py")}


def _write(path: Path, template: str, words: dict[str, str]) -> None:
    path.parent.mkdir(exist_ok=True)
    package = path.parent / "__init__.py"
    if not package.exists():
        package.touch()
    text = Template((TEMPLATES / template).read_text()).substitute(words)
    path.write_text(text)
