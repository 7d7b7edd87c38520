"""What a machine shows of sandboxes: compared before and after, nothing may be left."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.sandbox_runner.runner_process import RunnerProcess, processes_of

# What a runner keeps between two lives.
_KEPT = {"boxes", "building", "guest", "layers", "lock", "self-test.json", "state"}


def of_machine() -> dict[str, list[str]]:
    """Return what must be the same afterwards; other programs' own folders are left out."""
    temporary = {path.name for path in Path(tempfile.gettempdir()).iterdir()}
    return {
        "mounts": sorted(Path("/proc/self/mounts").read_text().splitlines()),
        "temporary": sorted(name for name in temporary if name.startswith(("runsc", "treadle"))),
        "shared": sorted(path.name for path in Path("/dev/shm").iterdir() if "left" in path.name),
    }


def left_by(runner: RunnerProcess, groups: list[Path]) -> Iterator[str]:
    """Return what a runner that has stopped left behind."""
    folder = runner.data / "sandbox"
    yield from processes_of(runner.data)
    yield from (str(group) for group in groups if group.exists())
    for name in ("boxes", "building", "layers", "state"):
        yield from (str(path) for path in (folder / name).iterdir())
    yield from (path.name for path in folder.iterdir() if path.name not in _KEPT)
    yield from (path.name for path in runner.data.iterdir() if path.name != "sandbox")
