"""Which parts a change of files concerns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from local_emulator.part import Part


def concerned(parts: Iterable[Part], paths: Sequence[str]) -> list[str]:
    """The names of the parts that run one of these files, given from the root of our packages."""
    return [part.name for part in parts if any(_runs(part, path) for path in paths)]


def _runs(part: Part, path: str) -> bool:
    return any(path == code or path.startswith(f"{code}/") for code in part.code)
