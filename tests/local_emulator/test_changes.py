"""What a change of files is, and whom it concerns."""

from __future__ import annotations

import importlib.util
import socket
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

from layers.settings import load_settings
from local_emulator.part import Part
from local_emulator.reload.changes import Changes
from local_emulator.reload.concern import concerned
from local_emulator.reload.libraries import libraries
from local_emulator.reload.rooms import ROOMS, ROOT
from local_emulator.table import Listeners, table

EVERYONE = ["gateway-1", "worker-1", "scheduler-1"]
ENTRIES = {
    "gateway-1": ["local_emulator.parts.gateway", "functions.nodes", "triggers.sources"],
    "worker-1": ["local_emulator.parts.worker", "functions.nodes", "triggers.sources"],
    "scheduler-1": ["local_emulator.parts.scheduler", "functions.nodes", "triggers.sources"],
    "runner-1": ["sandbox_runner"],
    "stripe": ["local_emulator.parts.stripe"],
}


@pytest.fixture(scope="module")
def parts() -> Iterator[list[Part]]:
    sockets = [socket.socket() for _ in range(4)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    yield table(load_settings({}), {}, Listeners(*sockets), workers=1)
    for one in sockets:
        one.close()


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("functions/http/people/me.py", EVERYONE),
        ("functions/templates/12-word-count.json", EVERYONE),
        ("triggers/sources/schedule.py", EVERYONE),
        ("billing/plans.json", EVERYONE),
        ("layers/database/sessions.py", EVERYONE),
        ("layers/log.py", ["runner-1", *EVERYONE, "stripe"]),
        ("sandbox_runner/guest/zygote.py", ["runner-1"]),
        ("local_emulator/parts/gateway.py", [*EVERYONE, "stripe"]),
        ("local_emulator/providers/stripe/app.py", ["stripe"]),
        ("local_emulator/demo/enrichment_service.py", ["enrichment"]),
        ("local_emulator/supervisor.py", []),
        ("functions_of_somebody_else/x.py", []),
    ],
)
def test_a_change_concerns_those_who_run_the_file(
    parts: list[Part], path: str, names: list[str]
) -> None:
    assert concerned(parts, [path]) == names


def test_several_changes_concern_each_part_once(parts: list[Part]) -> None:
    changed = ["functions/http/people/me.py", "billing/plans.json", "sandbox_runner/service.py"]
    assert concerned(parts, changed) == ["runner-1", *EVERYONE]


@pytest.mark.parametrize("name", ENTRIES)
def test_whatever_a_part_imports_is_said_to_be_its_code(parts: list[Part], name: str) -> None:
    graph = grimp.build_graph(*ROOMS, cache_dir=None)
    reached = set(ENTRIES[name])
    for entry in ENTRIES[name]:
        reached |= graph.find_upstream_modules(entry, as_package=True)
    files = {_file(module) for module in reached - set(ROOMS)}
    assert sorted(file for file in files if name not in concerned(parts, [file])) == []


def _file(module: str) -> str:
    found = importlib.util.find_spec(module)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).relative_to(ROOT).as_posix()


def test_only_our_code_and_its_data_are_changes(tmp_path: Path) -> None:
    changes = Changes(tmp_path)
    names = ["billing/plans.json", "functions/a.py", "functions/nodes/b.py"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}")
    others = [
        "tests/test_a.py",
        "web/src/a.json",
        "functions/a.pyc",
        "functions/notes.md",
        "functions/.#a.py",
        "functions/__pycache__/a.py",
        "functions/a.py.swp",
    ]
    assert changes.add([str(tmp_path / name) for name in [*others, *names]]) == []
    assert changes.take() == names
    assert changes.take() == []
    assert changes.add(["/elsewhere/functions/a.py"]) == []
    assert changes.take() == []


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("functions/a.py", "x = 1\ndef f(:\n", "functions/a.py, line 2: invalid syntax"),
        ("functions/a.py", "x = 1\n  y = 2\n", "functions/a.py, line 2: unexpected indent"),
        ("billing/plans.json", '{\n"a": }', "billing/plans.json, line 2: Expecting value"),
        ("functions/a.py", "x = '\0'", "null bytes"),
    ],
)
def test_a_broken_file_is_named_with_its_line_and_holds_everything_back_until_it_is_mended(
    tmp_path: Path, name: str, text: str, told: str
) -> None:
    changes = Changes(tmp_path)
    broken, other = tmp_path / name, tmp_path / "layers/other.py"
    for file in (broken, other):
        file.parent.mkdir(parents=True)
    broken.write_text(text)
    lines = changes.add([str(broken)])
    assert len(lines) == 1
    assert told in lines[0]
    other.write_text("")
    # Said again, so that nobody wonders why nothing happens.
    assert changes.add([str(other)]) == lines
    assert changes.take() == []
    broken.write_text("{}")
    assert changes.add([str(broken)]) == []
    assert changes.take() == sorted([name, "layers/other.py"])


def test_a_broken_file_that_is_deleted_holds_nothing_back(tmp_path: Path) -> None:
    changes = Changes(tmp_path)
    broken = tmp_path / "functions" / "a.py"
    broken.parent.mkdir()
    broken.write_text("def")
    assert changes.add([str(broken)]) != []
    broken.unlink()
    assert changes.add([str(broken)]) == []
    assert changes.take() == ["functions/a.py"]


def test_what_was_compiled_of_a_changed_file_is_forgotten(tmp_path: Path) -> None:
    file = tmp_path / "functions" / "a.py"
    file.parent.mkdir()
    file.write_text("x = 1")
    compiled = Path(importlib.util.cache_from_source(str(file)))
    compiled.parent.mkdir()
    compiled.write_bytes(b"of an edit within the same second")
    Changes(tmp_path).add([str(file)])
    assert not compiled.exists()


def test_libraries_are_what_is_imported_and_neither_ours_nor_pythons() -> None:
    found = libraries(ROOT)
    assert {"fastapi", "sqlalchemy", "uvicorn"} <= set(found)
    assert not {name.partition(".")[0] for name in found} & {*ROOMS, "json", "asyncio"}
    # Only what is imported whenever the file is: this one is for one way of keeping wake-ups.
    assert "redis" not in found
