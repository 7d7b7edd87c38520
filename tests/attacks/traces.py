"""What a machine shows of sandboxes: compared before and after, nothing may be left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.sandbox_runner.runner_process import RunnerProcess, processes_of

# What a runner keeps between two lives.
_KEPT = {"boxes", "building", "guest", "layers", "lock", "self-test.json", "state"}


def temporary(data: Path) -> Path:
    """Where a runner with this data folder puts what it needs for a moment: nobody else does."""
    return data.with_name("temporary")


def of_machine() -> dict[str, list[str]]:
    """Return what attacks would leave outside of their runner, whoever else is at work here."""
    return {
        str(folder): sorted(path.name for path in folder.iterdir() if "left" in path.name)
        for folder in (Path("/tmp"), Path("/dev/shm"))
    }


def left_by(runner: RunnerProcess, groups: list[Path]) -> Iterator[str]:
    """Return what a runner that has stopped left behind."""
    folder = runner.data / "sandbox"
    mounts = Path("/proc/self/mounts").read_text().splitlines()
    yield from (mount for mount in mounts if str(runner.data) in mount)
    yield from (str(path) for path in temporary(runner.data).iterdir())
    yield from processes_of(runner.data)
    yield from (str(group) for group in groups if group.exists())
    for name in ("boxes", "building", "layers", "state"):
        yield from (str(path) for path in (folder / name).iterdir())
    yield from (path.name for path in folder.iterdir() if path.name not in _KEPT)
    yield from (path.name for path in runner.data.iterdir() if path.name != "sandbox")
