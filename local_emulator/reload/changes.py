"""What changed since the supervisor was told last; broken files hold everything back."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from importlib.util import cache_from_source
from pathlib import Path, PurePosixPath

from local_emulator.reload.rooms import is_ours
from local_emulator.reload.syntax import fault


class Changes:
    """Collects changed files below ``root`` until all of them can be read."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._changed: set[str] = set()
        self._broken: dict[str, str] = {}

    def add(self, files: Iterable[str]) -> list[str]:
        """Note changed files, by absolute path; what is no file of ours is left out.

        If any is ours, returns in one line each what is wrong with whatever cannot be read now.
        """
        ours = sorted(filter(None, map(self._name, files)))
        for name in ours:
            self._changed.add(name)
            self._broken.pop(name, None)
            wrong = fault(self._root / name)
            if wrong is not None:
                self._broken[name] = wrong
            _forget_compiled(self._root / name)
        return [f"{name}, {found}" for name, found in self._broken.items()] if ours else []

    def take(self) -> list[str]:
        """All that changed, from the root, and begin anew; nothing while a file is broken."""
        if self._broken:
            return []
        taken, self._changed = sorted(self._changed), set()
        return taken

    def _name(self, file: str) -> str | None:
        try:
            name = PurePosixPath(file).relative_to(self._root)
        except ValueError:
            return None
        return str(name) if is_ours(name) else None


def _forget_compiled(path: Path) -> None:
    # Python tells an old compiled file by second and size: two edits can share both.
    if path.suffix == ".py":
        with contextlib.suppress(OSError):
            Path(cache_from_source(str(path))).unlink()
