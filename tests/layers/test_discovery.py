"""What the files of a package declare is found; a file that declares nothing is an error."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from layers.registry.discovery import declared, modules_below

PACKAGE = "found_in_a_test"


class Kind:
    """What the files here declare."""

    def __init__(self, type: str) -> None:  # noqa: A002
        self.type = type


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / PACKAGE
    (folder / "family").mkdir(parents=True)
    for one in (folder, folder / "family"):
        (one / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    yield folder
    for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
        del sys.modules[name]


def write(path: Path, text: str) -> None:
    path.write_text(f"from {__name__} import Kind\n{text}\n")


def test_files_at_any_depth_are_found_and_come_by_their_types(package: Path) -> None:
    write(package / "zebra.py", "thing = Kind('zebra')")
    write(package / "family" / "apple.py", "thing = Kind('apple')")

    assert modules_below(PACKAGE) == [f"{PACKAGE}.family.apple", f"{PACKAGE}.zebra"]
    assert [one.type for one in declared(PACKAGE, "thing", Kind)] == ["apple", "zebra"]


@pytest.mark.parametrize("text", ["", "thing = 'a text'"])
def test_a_file_that_declares_nothing_is_named(package: Path, text: str) -> None:
    write(package / "family" / "empty.py", text)

    with pytest.raises(TypeError, match=rf"{PACKAGE}/family/empty\.py .* 'thing = Kind\(\.\.\.\)'"):
        declared(PACKAGE, "thing", Kind)
